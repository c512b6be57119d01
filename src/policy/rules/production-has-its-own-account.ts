import { reachableNeighbours, unreadableNeighbours } from "../account-neighbours.ts";
import type { PolicyRule } from "../model.ts";

export const rule: PolicyRule = {
  name: "production-has-its-own-account",
  level: "mandatory",
  description:
    "Under `access: rest` a production environment shares its account with no other environment of the project.",
  reason:
    "Cloudflare's tokens cannot be limited to a namespace: the token of any environment in the account reads, changes and deletes the data of production.",
  fix: "Move one of the environments to an account of its own, in `kvshift:cloudflare.accountId`.",
  check: (stack) =>
    stack.environment.kind === "production" ? [...reachableNeighbours(stack), ...unreadableNeighbours(stack)] : [],
};
