import type { StackValidationPolicy } from "@pulumi/policy";

import type { PolicyRule, Violation } from "./model.ts";
import { type EnvironmentFiles, neighboursOf } from "./neighbours.ts";
import { environmentOf, type ObservedResource, observedResources } from "./stack-view.ts";

/** What the SDK calls, with no more of its arguments than the rules need. */
export interface StackPolicy extends Omit<StackValidationPolicy, "validateStack"> {
  readonly validateStack: (
    stack: { readonly resources: readonly ObservedResource[] },
    report: (message: string, urn?: string) => void,
  ) => void;
}

/**
 * The rules as policies of a Pulumi pack. They judge whole stacks, in previews before anything changes and after an
 * update: https://www.pulumi.com/docs/insights/policy/
 */
export function stackPolicies(rules: readonly PolicyRule[], files: EnvironmentFiles): StackPolicy[] {
  return rules.map((rule) => ({
    name: rule.name,
    description: rule.description,
    enforcementLevel: rule.level,
    remediationSteps: rule.fix,
    validateStack: ({ resources }, report) => {
      for (const { message, urn } of violations(rule, resources, files)) report(`${message}\nFix: ${rule.fix}`, urn);
    },
  }));
}

/** A stack that does not say what it is breaks every rule. */
function violations(
  rule: PolicyRule,
  observed: readonly ObservedResource[],
  files: EnvironmentFiles,
): readonly Violation[] {
  const resources = observedResources(observed);
  const environment = environmentOf(resources);
  if ("problem" in environment) return [{ message: environment.problem }];
  return rule.check({ environment, neighbours: neighboursOf(environment.environment, files), resources });
}
