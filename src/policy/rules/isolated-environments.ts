import { reachableNeighbours, unreadableNeighbours } from "../account-neighbours.ts";
import type { PolicyRule } from "../model.ts";

export const rule: PolicyRule = {
  name: "isolated-environments",
  level: "advisory",
  description:
    "Outside production, too, an environment under `access: rest` shares its account with no other environment of the project.",
  reason:
    "Two environments in one account are not isolated from each other: each one's token reaches the namespaces of the other.",
  fix: "Accept it for data that may be lost, or give the environment an account of its own in `kvshift:cloudflare.accountId`.",
  check: (stack) =>
    stack.environment.kind === "production" ? [] : [...reachableNeighbours(stack), ...unreadableNeighbours(stack)],
};
