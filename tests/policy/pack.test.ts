import { describe, expect, it } from "vitest";

import { type PolicyRule, type StackResource, type StackView } from "../../src/policy/model.ts";
import { type StackPolicy, stackPolicies } from "../../src/policy/pack.ts";
import { RULES } from "../../src/policy/rules.ts";
import { ENVIRONMENT, neighbour, resource, wellFormedStack } from "./well-formed-stack.ts";

/** The environment itself and one more. */
const FILES = new Map([
  ["dev", neighbour("dev")],
  ["staging", neighbour("staging")],
]);

function component(): StackResource {
  return { ...resource("group", "dev", { ...ENVIRONMENT }), type: "kvshift:index:Environment" };
}

/** What the policies report about a stack, as the SDK would call them. */
function reports(policies: readonly StackPolicy[], resources: readonly StackResource[]) {
  const observed = resources.map(({ propertyDependencies, ...rest }) => ({
    ...rest,
    propertyDependencies: Object.fromEntries(
      Object.entries(propertyDependencies).map(([name, urns]) => [name, urns.map((urn) => ({ urn }))]),
    ),
  }));
  const found: { readonly policy: string; readonly message: string; readonly urn: string | undefined }[] = [];
  for (const policy of policies) {
    policy.validateStack({ resources: observed }, (message, urn) => {
      found.push({ policy: policy.name, message, urn });
    });
  }
  return found;
}

function ruleThat(check: PolicyRule["check"]): PolicyRule {
  return { name: "a-rule", level: "mandatory", description: "It holds.", reason: "It must.", fix: "Mend it.", check };
}

describe("stackPolicies", () => {
  it("makes every rule a policy with its name, its description and its level", () => {
    const policies = stackPolicies(RULES, FILES).map(({ name, description, enforcementLevel }) => ({
      name,
      description,
      enforcementLevel,
    }));
    expect(policies).toEqual(
      RULES.map(({ name, description, level }) => ({ name, description, enforcementLevel: level })),
    );
  });

  it("reports each violation with its resource and the fix of the rule", () => {
    const rule = ruleThat(() => [{ message: "It is broken.", urn: "urn:broken" }, { message: "It is missing." }]);
    expect(reports(stackPolicies([rule], FILES), [component()])).toEqual([
      { policy: "a-rule", message: "It is broken.\nFix: Mend it.", urn: "urn:broken" },
      { policy: "a-rule", message: "It is missing.\nFix: Mend it.", urn: undefined },
    ]);
  });

  it("gives a rule the environment, its neighbours and all resources", () => {
    const seen: StackView[] = [];
    const rule = ruleThat((stack) => {
      seen.push(stack);
      return [];
    });
    const resources = [component(), ...wellFormedStack().resources];
    expect(reports(stackPolicies([rule], FILES), resources)).toEqual([]);
    const neighbours = { known: [neighbour("staging")], unreadable: [] };
    expect(seen).toEqual([{ environment: ENVIRONMENT, neighbours, resources }]);
  });

  it("breaks every rule where the stack does not say what it is", () => {
    const found = reports(stackPolicies(RULES, FILES), wellFormedStack().resources);
    expect(found.map(({ policy }) => policy)).toEqual(RULES.map(({ name }) => name));
    expect(found[0]?.message).toMatch(/^The stack has no component kvshift:index:Environment\.\nFix: /);
  });

  it("finds nothing in a well-formed environment", () => {
    expect(reports(stackPolicies(RULES, FILES), [component(), ...wellFormedStack().resources])).toEqual([]);
  });
});
