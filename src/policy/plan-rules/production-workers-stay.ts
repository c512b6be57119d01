import { RESOURCE_TYPES } from "../../stack/types.ts";
import type { PlanRule } from "../plan.ts";

/** Steps after which the Worker that was there is no more. */
const ENDINGS: ReadonlySet<string> = new Set([
  "delete",
  "delete-replaced",
  "replace",
  "create-replacement",
  "discard",
  "discard-replaced",
]);

export const rule: PlanRule = {
  name: "production-workers-stay",
  description: "In production no Worker is deleted or replaced.",
  reason:
    "A Worker takes its Durable Objects with it, and every service loses its way to the data until another one is deployed.",
  fix: "Keep the resource, its name in the program and its account; deploy changes as a new version of it.",
  check: ({ isProduction, changes }) => {
    if (!isProduction) return [];
    const ends = changes.filter(({ type, operation }) => type === RESOURCE_TYPES.worker && ENDINGS.has(operation));
    // One replacement is several steps.
    const names = new Map(ends.map(({ urn, name }) => [urn, name]));
    return [...names].map(([urn, name]) => ({ message: `Worker ${name} is deleted or replaced.`, urn }));
  },
};
