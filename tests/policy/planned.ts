import { type PlannedChange, type PlanRule, planView } from "../../src/policy/plan.ts";
import { COMPONENT_TYPES, RESOURCE_TYPES } from "../../src/stack/types.ts";
import type { PropertyMap } from "../../src/state/properties.ts";

const TYPES = { ...RESOURCE_TYPES, ...COMPONENT_TYPES };

/** One step of a plan; `before` and `after` are inputs. */
export function step(
  operation: string,
  type: keyof typeof TYPES,
  name: string,
  before: PropertyMap | undefined,
  after: PropertyMap | undefined,
): PlannedChange {
  return { operation, type: TYPES[type], name, urn: urnOf(type, name), before, after };
}

export function urnOf(type: keyof typeof TYPES, name: string): string {
  return `urn:pulumi:dev::kvshift::${TYPES[type]}::${name}`;
}

/** The component of an environment that stays what it is. */
export function environment(before: string, after = before): PlannedChange {
  return step(before === after ? "same" : "update", "environment", "dev", { kind: before }, { kind: after });
}

/** What a rule says of the changes in an environment of a kind. */
export function check(rule: PlanRule, kind: string, ...changes: readonly PlannedChange[]) {
  return rule.check(planView({ changes: [environment(kind), ...changes], outputs: [] }));
}
