import { AppError } from "../../core/app-error.ts";
import { adviceLines, violationLines } from "../../engine/engine-error.ts";
import type { PolicyFinding } from "../../engine/engine-report.ts";
import { guardNewest } from "../../flows/environment/guards.ts";
import { openEnvironment } from "../../flows/environment/open-environment.ts";
import { ALL_RULES, type ListedRule } from "../../policy/rules.ts";
import { type RuleViolation, violationLine } from "../../policy/verdict.ts";
import { readIdentity } from "../../state/identity.ts";
import { requireOutputs } from "../../state/outputs.ts";
import { readRecorded } from "../../state/recorded.ts";
import { defineCommand, STACK_OPTION } from "../define-command.ts";
import { renderTable } from "../output.ts";

export const policyCheck = defineCommand<{ readonly stack: string }>({
  name: "policy check",
  summary: "judge what is provisioned by all policies; asks no vendor and changes nothing",
  options: [STACK_OPTION],
  examples: ["kvshift policy check --stack dev", "kvshift policy check --stack prod --json"],
  run: async ({ stack }, context) => {
    const { output } = context;
    await using environment = await openEnvironment(stack, context, {
      create: false,
      needsVendors: false,
      lock: "none",
      identity: "any",
    });
    const { session, config } = environment;
    requireOutputs(await session.outputs());
    // By what is provisioned: a file that calls production development would find nothing missing.
    const state = await session.exportState();
    // What an old checkout seems to lack is there: its rules would be told of another environment.
    guardNewest(readRecorded(state), config);
    const recorded = readIdentity(state);
    const kind = recorded?.readable === true ? recorded.identity.kind : "production";
    const rules = policyResults(await session.analyze(), await session.scanState({ ...config, kind }));
    const rows = rules.map(({ name, checked, result }) => [name, checked, result]);
    output.text(renderTable(["RULE", "CHECKED", "RESULT"], rows));
    for (const text of findingsOf(rules, "warning")) output.emit({ type: "warning", text });
    const broken = findingsOf(rules, "broken");
    if (broken.length === 0) return { stack, rules };
    throw new AppError("POLICY_VIOLATED", {
      problem: `What is provisioned in ${stack} breaks a policy.`,
      details: broken,
      fix: "Each line names the rule and its remedy; docs/policy.md explains all rules. Nothing was changed.",
      data: { stack, rules },
    });
  },
});

/** How one rule judges what is provisioned. */
interface RuleResult extends Pick<ListedRule, "name" | "checked" | "level"> {
  /** `not checked`: the rule is about changes, and nothing changes here. */
  readonly result: "holds" | "broken" | "warning" | "not checked";
  /** Where it does not hold, with the fix. */
  readonly findings: readonly string[];
}

/** Every rule with its result, in the order of docs/policy.md. */
export function policyResults(pack: readonly PolicyFinding[], state: readonly RuleViolation[]): readonly RuleResult[] {
  return ALL_RULES.map(({ name, checked, level }) => {
    const policies = pack.filter(({ policy }) => policy === name);
    const broken = [
      ...violationLines({ policies }, "update"),
      ...state.filter(({ rule }) => rule === name).map(violationLine),
    ];
    const advice = adviceLines({ policies });
    const result =
      broken.length > 0 ? "broken" : advice.length > 0 ? "warning" : checked === "plan" ? "not checked" : "holds";
    return { name, checked, level, result, findings: [...broken, ...advice] };
  });
}

function findingsOf(rules: readonly RuleResult[], wanted: RuleResult["result"]): readonly string[] {
  return rules.filter(({ result }) => result === wanted).flatMap(({ findings }) => findings);
}
