import { previewsBesideProduction, unreadableNeighbours } from "../account-neighbours.ts";
import type { PolicyRule } from "../model.ts";

export const rule: PolicyRule = {
  name: "no-preview-beside-production",
  level: "mandatory",
  description: "A preview and a production environment never share an account, whatever their access.",
  reason:
    "A preview runs code that nobody has approved yet, and whoever may deploy a Worker in an account can read every namespace in it.",
  fix: "Give previews an account of their own, or that of development, in `kvshift:cloudflare.accountId`.",
  check: (stack) =>
    stack.environment.kind === "development"
      ? []
      : [...previewsBesideProduction(stack), ...unreadableNeighbours(stack)],
};
