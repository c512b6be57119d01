import type { EngineEvent, OpMap } from "@pulumi/pulumi/automation/index.js";

import type { ResourceChange } from "../core/events.ts";
import type { Plan, PlannedChange, PlannedOutputs } from "../policy/plan.ts";
import { nameOfUrn, STACK_TYPE } from "../stack/types.ts";
import { propertiesOf } from "../state/properties.ts";

export interface PolicyFinding {
  readonly policy: string;
  readonly level: string;
  readonly message: string;
  readonly resource: string | undefined;
}

/** What one engine operation did, gathered from its events. Holds no property values. */
export interface EngineReport {
  readonly changes: readonly ResourceChange[];
  readonly counts: Readonly<Record<string, number>>;
  readonly policies: readonly PolicyFinding[];
  readonly errors: readonly string[];
  readonly failed: readonly ResourceChange[];
}

/** How many resources each operation touched, in one sentence. */
export function countsLine({ counts }: Pick<EngineReport, "counts">): string {
  const parts = Object.entries(counts).map(([operation, count]) => `${String(count)} ${operation}`);
  return parts.length > 0 ? parts.join(", ") : "nothing";
}

/** Whether the engine would change or did change anything. */
export function hasChanges({ counts }: Pick<EngineReport, "counts">): boolean {
  return Object.entries(counts).some(([operation, count]) => operation !== "same" && count > 0);
}

/** Collects events; `report()` is what they amount to so far. */
export class EngineReporter {
  readonly #changes: ResourceChange[] = [];
  readonly #planned: PlannedChange[] = [];
  readonly #outputs = new Map<string, PlannedOutputs>();
  readonly #policies: PolicyFinding[] = [];
  readonly #errors: string[] = [];
  readonly #failed: ResourceChange[] = [];
  readonly #onChange: (change: ResourceChange) => void;
  #counts: OpMap | undefined;

  /** `onChange` hears of each change once: when it is planned in a preview, when it is done otherwise. */
  constructor(onChange: (change: ResourceChange) => void = () => undefined) {
    this.#onChange = onChange;
  }

  readonly onEvent = (event: EngineEvent): void => {
    const begun = event.resourcePreEvent?.metadata;
    if (begun) this.#planned.push(asPlanned(begun));
    const done = event.resOutputsEvent?.metadata;
    if (done) {
      this.#addChange(done);
      // A component is told twice: what it registers comes with the second one.
      this.#outputs.set(done.urn, asOutputs(done));
    }
    const failed = event.resOpFailedEvent?.metadata;
    if (failed) this.#failed.push(asChange(failed));
    const policy = event.policyEvent;
    if (policy) this.#policies.push(policyFinding(policy));
    const diagnostic = event.diagnosticEvent;
    if (diagnostic?.severity === "error") this.#errors.push(withoutTrace(withoutMarkup(diagnostic.message)));
    if (event.summaryEvent) this.#counts = event.summaryEvent.resourceChanges;
  };

  /**
   * Every step that was planned, with what the program said of its resource before and after, and what will be
   * registered: for the plan rules. Secrets are `[secret]` already; the other values belong in no log either.
   */
  planned(): Plan {
    return { changes: this.#planned, outputs: [...this.#outputs.values()] };
  }

  report(): EngineReport {
    const counts = Object.fromEntries(Object.entries(this.#counts ?? {}).map(([op, count]) => [op, count ?? 0]));
    const { changes, policies, errors, failed } = {
      changes: this.#changes,
      policies: this.#policies,
      errors: this.#errors,
      failed: this.#failed,
    };
    return { changes, counts, policies, errors, failed };
  }

  #addChange(metadata: Metadata): void {
    if (metadata.op === "same" || metadata.op === "read" || metadata.type === STACK_TYPE) return;
    const change = asChange(metadata);
    this.#changes.push(change);
    this.#onChange(change);
  }
}

interface ReportedPolicy {
  readonly policyName: string;
  readonly enforcementLevel: string;
  readonly message: string;
  readonly resourceUrn?: string | undefined;
}

/** What the engine says of a policy, without the markup of its terminal. */
export function policyFinding({ policyName, enforcementLevel, message, resourceUrn }: ReportedPolicy): PolicyFinding {
  const resource = resourceUrn === undefined ? undefined : nameOfUrn(resourceUrn);
  return { policy: policyName, level: enforcementLevel, message: withoutMarkup(message), resource };
}

type Metadata = NonNullable<EngineEvent["resOutputsEvent"]>["metadata"];

function asChange({ op, type, urn, diffs }: Metadata): ResourceChange {
  return { operation: op, type, name: nameOfUrn(urn), properties: diffs ?? [] };
}

function asPlanned({ op, type, urn, old: before, new: after }: Metadata): PlannedChange {
  const inputsOf = (state: Metadata["old"]) => (state ? propertiesOf(state.inputs ?? {}) : undefined);
  return { operation: op, type, name: nameOfUrn(urn), urn, before: inputsOf(before), after: inputsOf(after) };
}

function asOutputs({ type, urn, new: planned }: Metadata): PlannedOutputs {
  return { type, name: nameOfUrn(urn), urn, outputs: propertiesOf(planned?.outputs ?? {}) };
}

/** Events carry Pulumi's own colour markup, `<{%fg 1%}>`. */
function withoutMarkup(text: string): string {
  return text.replaceAll(/<\{%[^%]*%\}>/g, "");
}

/** Where in the engine's libraries an error was thrown helps nobody who runs kvshift. */
function withoutTrace(text: string): string {
  const lines = text.split("\n").filter((line) => !/^\s+at /.test(line));
  return lines.join("\n").trim();
}
