import type { PolicyRule, RuleText } from "./model.ts";
import { rule as consistencyClassesStay } from "./plan-rules/consistency-classes-stay.ts";
import { rule as durableObjectClassesStay } from "./plan-rules/durable-object-classes-stay.ts";
import { rule as noPlainCredentialInNewOutputs } from "./plan-rules/no-plain-credential-in-new-outputs.ts";
import { rule as productionStaysProduction } from "./plan-rules/production-stays-production.ts";
import { rule as productionWorkersStay } from "./plan-rules/production-workers-stay.ts";
import { rule as shardCountsStay } from "./plan-rules/shard-counts-stay.ts";
import { type PlanRule, type Plan, planView } from "./plan.ts";
import { rule as atMostTwoCredentials } from "./rules/at-most-two-credentials.ts";
import { rule as completeCloudflareKvVariables } from "./rules/complete-cloudflare-kv-variables.ts";
import { rule as gatewayCredentialsAreLimited } from "./rules/gateway-credentials-are-limited.ts";
import { rule as isolatedEnvironments } from "./rules/isolated-environments.ts";
import { rule as knownBindingsOnly } from "./rules/known-bindings-only.ts";
import { rule as knownResourcesOnly } from "./rules/known-resources-only.ts";
import { rule as kvOnlyTokens } from "./rules/kv-only-tokens.ts";
import { rule as namesFollowTheEnvironment } from "./rules/names-follow-the-environment.ts";
import { rule as noGeneratedValues } from "./rules/no-generated-values.ts";
import { rule as noPlainCredentialInBindings } from "./rules/no-plain-credential-in-bindings.ts";
import { rule as noPreviewBesideProduction } from "./rules/no-preview-beside-production.ts";
import { rule as noUpstashVariablesInPhaseKv } from "./rules/no-upstash-variables-in-phase-kv.ts";
import { rule as oneLinkForEachGroup } from "./rules/one-link-for-each-group.ts";
import { rule as ownNamespacesOnly } from "./rules/own-namespaces-only.ts";
import { rule as previewsTouchNothingOfProduction } from "./rules/previews-touch-nothing-of-production.ts";
import { rule as productionHasItsOwnAccount } from "./rules/production-has-its-own-account.ts";
import { rule as productionServicesAreItsOwn } from "./rules/production-services-are-its-own.ts";
import { rule as productionTokensAreBoundToAddresses } from "./rules/production-tokens-are-bound-to-addresses.ts";
import { rule as servicesOfOneEnvironment } from "./rules/services-of-one-environment.ts";
import { rule as credentialsAreEncrypted } from "./state-rules/credentials-are-encrypted.ts";
import { rule as groupVariablesAreEncrypted } from "./state-rules/group-variables-are-encrypted.ts";
import { rule as liveCredentialsAreProtected } from "./state-rules/live-credentials-are-protected.ts";
import { rule as noPlainCredentialInOutputs } from "./state-rules/no-plain-credential-in-outputs.ts";
import { rule as productionDataIsKept } from "./state-rules/production-data-is-kept.ts";
import type { StateRule } from "./state.ts";
import { judge, type RuleViolation } from "./verdict.ts";

/** Every rule of the pack, in the order of docs/policy.md. */
export const RULES: readonly PolicyRule[] = [
  noUpstashVariablesInPhaseKv,
  completeCloudflareKvVariables,
  knownResourcesOnly,
  ownNamespacesOnly,
  noGeneratedValues,
  oneLinkForEachGroup,
  kvOnlyTokens,
  productionTokensAreBoundToAddresses,
  knownBindingsOnly,
  gatewayCredentialsAreLimited,
  atMostTwoCredentials,
  noPlainCredentialInBindings,
  namesFollowTheEnvironment,
  noPreviewBesideProduction,
  productionHasItsOwnAccount,
  isolatedEnvironments,
  previewsTouchNothingOfProduction,
  productionServicesAreItsOwn,
  servicesOfOneEnvironment,
];

/** Every rule about what changes. */
export const PLAN_RULES: readonly PlanRule[] = [
  durableObjectClassesStay,
  consistencyClassesStay,
  shardCountsStay,
  productionWorkersStay,
  productionStaysProduction,
  noPlainCredentialInNewOutputs,
];

/** Every rule about the recorded state. */
export const STATE_RULES: readonly StateRule[] = [
  credentialsAreEncrypted,
  groupVariablesAreEncrypted,
  noPlainCredentialInOutputs,
  liveCredentialsAreProtected,
  productionDataIsKept,
];

/**
 * Where a rule is checked: by the pack in every preview and update, by kvshift in its previews, or by kvshift in the
 * state after an update.
 */
export type Checked = "preview and update" | "plan" | "state";

/** A rule as people read of it. */
export interface ListedRule extends RuleText {
  readonly checked: Checked;
  readonly level: "mandatory" | "advisory";
  readonly afterCreation: boolean;
}

/** Every rule there is, in one table. */
export const ALL_RULES: readonly ListedRule[] = [
  ...RULES.map((rule) => listed(rule, "preview and update", rule.level, rule.afterCreation === true)),
  ...PLAN_RULES.map((rule) => listed(rule, "plan", "mandatory", false)),
  ...STATE_RULES.map((rule) => listed(rule, "state", "mandatory", false)),
];

function listed(
  { name, description, reason, fix }: RuleText,
  checked: Checked,
  level: ListedRule["level"],
  afterCreation: boolean,
): ListedRule {
  return { name, description, reason, fix, checked, level, afterCreation };
}

/** Judges what a preview plans to do: what a policy pack cannot see, because it is shown the new stack only. */
export function checkPlan(plan: Plan, rules: readonly PlanRule[] = PLAN_RULES): readonly RuleViolation[] {
  return judge(planView(plan), rules);
}
