import type { PolicyRule } from "./model.ts";
import { rule as completeCloudflareKvVariables } from "./rules/complete-cloudflare-kv-variables.ts";
import { rule as kvOnlyTokens } from "./rules/kv-only-tokens.ts";
import { rule as namesFollowTheEnvironment } from "./rules/names-follow-the-environment.ts";
import { rule as noUpstashVariablesInPhaseKv } from "./rules/no-upstash-variables-in-phase-kv.ts";
import { rule as oneLinkForEachGroup } from "./rules/one-link-for-each-group.ts";

/** Every rule of the pack, in the order of docs/policy.md. */
export const RULES: readonly PolicyRule[] = [
  noUpstashVariablesInPhaseKv,
  completeCloudflareKvVariables,
  kvOnlyTokens,
  namesFollowTheEnvironment,
  oneLinkForEachGroup,
];
