import { unreadableNeighbours } from "../account-neighbours.ts";
import type { PolicyRule } from "../model.ts";
import { sharedServices } from "../service-neighbours.ts";

export const rule: PolicyRule = {
  name: "services-of-one-environment",
  level: "advisory",
  description: "Outside production, too, a service is linked to the group of one environment of the project.",
  reason:
    "A service has each variable once: which of two groups gives it, Render does not guarantee, and the service may read the data of one and be rotated with the other.",
  fix: "List the service in `kvshift:render.services` of one environment only.",
  check: (stack) => {
    if (stack.environment.kind === "production") return [];
    const others = stack.neighbours.known.filter(({ kind }) => kind !== "production");
    return [...others.flatMap((neighbour) => sharedServices(stack, neighbour)), ...unreadableNeighbours(stack)];
  },
};
