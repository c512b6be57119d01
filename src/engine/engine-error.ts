import { AppError } from "../core/app-error.ts";
import { ALL_RULES } from "../policy/rules.ts";
import { stackNotFound } from "../state/outputs.ts";
import { LOCKED, lockedByNamed } from "./named-locks.ts";
import type { EngineReport, PolicyFinding } from "./engine-report.ts";

interface KnownFailure {
  readonly pattern: RegExp;
  readonly error: (detail: readonly string[], text: string) => AppError;
}

const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    pattern: LOCKED,
    error: (details, text) => lockedByNamed([...details, text]),
  },
  {
    pattern: /incorrect passphrase|message authentication failed/i,
    error: () =>
      new AppError("PASSPHRASE_WRONG", {
        problem: "The passphrase does not fit the secrets of this stack.",
        fix: "Export the passphrase that the stack was created with in PULUMI_CONFIG_PASSPHRASE.",
      }),
  },
  {
    pattern: /passphrase must be set|PULUMI_CONFIG_PASSPHRASE/i,
    error: () =>
      new AppError("PASSPHRASE_MISSING", {
        problem: "The passphrase of this stack is not set.",
        fix: "Export PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE.",
      }),
  },
  {
    pattern: /no stack named|stack .* not found/i,
    error: () => stackNotFound(),
  },
  {
    pattern: /is protected|marked for protection|protected resource/i,
    error: (details) =>
      new AppError("PROTECTED", {
        problem: "The change would delete or replace a protected resource.",
        details,
        fix: "A live credential ends in steps (live, draining, suspended, empty; one `up` each); production keeps its namespaces and its Worker.",
      }),
  },
  {
    pattern: /no resource plugin|failed to load plugin|could not find plugin|plugin .* not found/i,
    error: (details) =>
      new AppError("PROVIDERS_INVALID", {
        problem: "A provider plugin could not be loaded.",
        details,
        fix: "With internet Pulumi downloads it. Without: use the local cloud (`kvshift local up`), or give PULUMI_HOME a folder that has it.",
      }),
  },
];

/** Explains a failed engine operation. `applied`: whether the operation changes things, so that some may be done. */
export function explainFailure(failure: unknown, report: EngineReport, applied: boolean): AppError {
  if (failure instanceof AppError) return failure;
  const text = failure instanceof Error ? failure.message : String(failure);
  const violations = violationLines(report, applied ? "update" : "preview");
  if (violations.length > 0 && report.failed.length === 0) {
    return policyViolated(violations, !applied ? "nothing" : report.changes.length > 0 ? "some" : "none-recorded");
  }
  const errors = distinct(report.errors);
  const known = KNOWN_FAILURES.find(({ pattern }) => pattern.test(text) || errors.some((line) => pattern.test(line)));
  if (known) return known.error(errors, text);
  if (applied && report.changes.length > 0) {
    return new AppError("PARTIAL", {
      problem: `The run stopped after ${countOf(report.changes.length, "change")}.`,
      details: errors,
      fix: "Mend what the details name and run the same command again: it goes on where this run stopped.",
      retryable: true,
      cause: failure,
    });
  }
  if (report.failed.length > 0) {
    return new AppError("VENDOR_FAILED", {
      problem: `A vendor refused: ${report.failed.map(({ operation, name }) => `${operation} ${name}`).join(", ")}.`,
      details: errors,
      fix: applied
        ? "The details carry the vendor's answer. Mend it and run again: where only the answer was lost, that run finds what was done."
        : "The details carry the vendor's answer. Mend it and run again: nothing was changed.",
      retryable: !errors.some((line) => REFUSED.test(line)),
      cause: failure,
    });
  }
  return new AppError("ENGINE_FAILED", {
    problem: "The Pulumi engine stopped with an error.",
    details: errors.length > 0 ? errors : engineLines(text),
    fix: `${MADE[applied ? "none-recorded" : "nothing"]} Mend what the details name and run again.`,
    cause: failure,
  });
}

/** The vendor will say the same again: a key that is wrong, or may not do this. */
const REFUSED = /\b(?:401 Unauthorized|403 Forbidden|(?:status|answered|code)\W{0,3}(?:401|403))\b/i;

/** What is known of the changes that were made before an error. An operation that failed knows only of its own. */
const MADE = {
  nothing: "Nothing was changed.",
  "none-recorded": "The engine recorded no change.",
  some: "Changes were made before the rule was checked.",
} as const;

/** `made`: a rule about the whole stack may speak only after `up` has made its changes. */
export function policyViolated(violations: readonly string[], made: keyof typeof MADE = "nothing"): AppError {
  return new AppError("POLICY_VIOLATED", {
    problem: "The environment breaks a policy.",
    details: violations,
    fix: `Each line names the rule and its remedy; docs/policy.md explains all rules. ${MADE[made]}`,
  });
}

/** Rules that may wait for the end of the update, where everything they need is known. */
const AFTER_CREATION = new Set(ALL_RULES.filter(({ afterCreation }) => afterCreation).map(({ name }) => name));

/**
 * Mandatory violations, and rules that could not run: a rule that passes because it could not look is no rule. Only
 * in a preview, and only where a rule says that it judges after creation, is that no refusal.
 */
export function violationLines({ policies }: Pick<EngineReport, "policies">, stage: "preview" | "update"): string[] {
  return policies
    .filter((finding) => finding.level === "mandatory" || (couldNotRun(finding) && !mayWait(finding, stage)))
    .map(findingLine);
}

/**
 * Refuses what an update reported although the engine called it done: it lets pass what a rule could not look at.
 *
 * @throws AppError POLICY_VIOLATED
 */
export function requireJudged(report: Pick<EngineReport, "policies" | "changes">): void {
  const violations = violationLines(report, "update");
  if (violations.length > 0) throw policyViolated(violations, report.changes.length > 0 ? "some" : "none-recorded");
}

/** What advisory rules say: nothing is refused because of it. */
export function adviceLines({ policies }: Pick<EngineReport, "policies">): string[] {
  return policies.filter((finding) => finding.level === "advisory" && !couldNotRun(finding)).map(findingLine);
}

function couldNotRun({ message }: PolicyFinding): boolean {
  return /can't run policy/i.test(message);
}

function mayWait({ policy }: PolicyFinding, stage: "preview" | "update"): boolean {
  return stage === "preview" && AFTER_CREATION.has(policy);
}

function findingLine({ policy, message, resource }: PolicyFinding): string {
  return `${policy}${resource === undefined ? "" : ` (${resource})`}: ${message.trim()}`;
}

function countOf(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${String(count)} ${noun}s`;
}

/** A CommandError's text repeats the command line; only the engine's own `error:` lines say what happened. */
function engineLines(text: string): string[] {
  const lines = text.split("\n").filter((line) => /^\s*error:/.test(line));
  return distinct(lines.map((line) => line.trim()));
}

function distinct(lines: readonly string[]): string[] {
  return [...new Set(lines.filter((line) => line !== ""))];
}
