import { COMPONENT_TYPES } from "../stack/types.ts";
import type { PropertyMap } from "../state/properties.ts";
import type { RuleText, Violation } from "./model.ts";

/** One resource in the engine's plan, with what the program said of it before and says of it now. */
export interface PlannedChange {
  /** `same`, `create`, `update`, `replace`, `delete` and their kin: the engine's word. */
  readonly operation: string;
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** Inputs as recorded, secrets as `[secret]`; absent where the resource is new. */
  readonly before: PropertyMap | undefined;
  /** Inputs as planned, secrets as `[secret]`; absent where the resource goes. */
  readonly after: PropertyMap | undefined;
}

/** What a component or the stack will register as its outputs. */
export interface PlannedOutputs extends Pick<PlannedChange, "type" | "name" | "urn"> {
  /** Secrets as `[secret]`. */
  readonly outputs: PropertyMap;
}

/** What a preview says that an update will do. */
export interface Plan {
  readonly changes: readonly PlannedChange[];
  readonly outputs: readonly PlannedOutputs[];
}

/** Everything that a plan rule sees. */
export interface PlanView extends Plan {
  /** Whether the environment was or becomes a production: a change of kind opens no way around a rule. */
  readonly isProduction: boolean;
}

/** What a change must never do: a policy pack sees the new stack only. Pure, always mandatory. */
export interface PlanRule extends RuleText {
  check(plan: PlanView): readonly Violation[];
}

/** The plan of a preview as the rules see it. One that does not say what it is counts as production. */
export function planView(plan: Plan): PlanView {
  const kinds = plan.changes
    .filter(({ type }) => type === COMPONENT_TYPES.environment)
    .flatMap(({ before, after }) => [before, after])
    .flatMap((properties) => (properties ? [properties["kind"]] : []));
  const isKnown = kinds.length > 0 && kinds.every((kind) => kind === "development" || kind === "preview");
  return { ...plan, isProduction: !isKnown };
}
