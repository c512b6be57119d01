import type { StackValidationPolicy } from "@pulumi/policy";

import type { PolicyRule, Violation } from "./model.ts";
import { environmentOf, type ObservedResource, observedResources } from "./stack-view.ts";

/** What the SDK calls, with no more of its arguments than the rules need. */
export interface StackPolicy extends Omit<StackValidationPolicy, "validateStack"> {
  readonly validateStack: (
    stack: { readonly resources: readonly ObservedResource[] },
    report: (message: string, urn?: string) => void,
  ) => void;
}

/**
 * The rules as policies of a Pulumi pack, all mandatory. They judge whole stacks, in previews before anything changes
 * and after an update: https://www.pulumi.com/docs/insights/policy/
 */
export function stackPolicies(rules: readonly PolicyRule[]): StackPolicy[] {
  return rules.map((rule) => ({
    name: rule.name,
    description: rule.description,
    enforcementLevel: "mandatory",
    remediationSteps: rule.fix,
    validateStack: ({ resources }, report) => {
      for (const { message, urn } of violations(rule, resources)) report(`${message}\nFix: ${rule.fix}`, urn);
    },
  }));
}

/** A stack that does not say what it is breaks every rule. */
function violations(rule: PolicyRule, observed: readonly ObservedResource[]): readonly Violation[] {
  const resources = observedResources(observed);
  const environment = environmentOf(resources);
  return "problem" in environment ? [{ message: environment.problem }] : rule.check({ environment, resources });
}
