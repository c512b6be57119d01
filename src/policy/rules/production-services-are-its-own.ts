import { unreadableNeighbours } from "../account-neighbours.ts";
import type { PolicyRule } from "../model.ts";
import { sharedServices } from "../service-neighbours.ts";

export const rule: PolicyRule = {
  name: "production-services-are-its-own",
  level: "mandatory",
  description:
    "A service of a production environment is linked to the group of no other environment of the project, and production links no service of another one.",
  reason:
    "A service has each variable once: of two groups that give it, the one that was created last wins today, so that production would read and write the data of the other environment.",
  fix: "List the service in `kvshift:render.services` of one environment only; to move it, take it out of the other one first and run `kvshift up` there.",
  check: (stack) => {
    const { known } = stack.neighbours;
    if (stack.environment.kind === "production") {
      return [...known.flatMap((neighbour) => sharedServices(stack, neighbour)), ...unreadableNeighbours(stack)];
    }
    // A preview that touches production breaks a rule of its own.
    if (stack.environment.kind === "preview") return [];
    return known.filter(({ kind }) => kind === "production").flatMap((neighbour) => sharedServices(stack, neighbour));
  },
};
