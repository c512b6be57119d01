import { describe, expect, it } from "vitest";

import type { StackView } from "../../../src/policy/model.ts";
import { rule } from "../../../src/policy/rules/complete-cloudflare-kv-variables.ts";
import { isPropertyMap, type PropertyMap, type PropertyValue, UNKNOWN } from "../../../src/state/properties.ts";
import {
  added,
  changed,
  messages,
  resource,
  urnOf,
  variables,
  wellFormedStack,
  without,
} from "../well-formed-stack.ts";

const REQUIRED = [
  "CLOUDFLARE_KV_ACCOUNT_ID",
  "CLOUDFLARE_KV_API_TOKEN",
  "CLOUDFLARE_KV_API_URL",
  "CLOUDFLARE_KV_CREDENTIAL_ID",
  "CLOUDFLARE_KV_NAMESPACES",
  "CLOUDFLARE_KV_NAMESPACE_ID_PAGE_CACHE",
  "CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS",
  "CLOUDFLARE_KV_PHASE",
  "CLOUDFLARE_KV_READ_SHARE",
];

function envVarsOf(stack: StackView): PropertyMap {
  const envVars = stack.resources.find(({ urn }) => urn === urnOf("group", "cloudflare-kv"))?.props["envVars"];
  if (!isPropertyMap(envVars)) throw new Error("the group has no variables");
  return envVars;
}

function withVariables(envVars: PropertyValue): StackView {
  return changed(wellFormedStack(), "group", "cloudflare-kv", { envVars });
}

describe("complete-cloudflare-kv-variables", () => {
  it("holds for the complete set", () => {
    expect(rule.check(wellFormedStack())).toEqual([]);
  });

  it("leaves variables with other prefixes alone", () => {
    const stack = withVariables({
      ...envVarsOf(wellFormedStack()),
      ...variables("LOG_LEVEL", "UPSTASH_REDIS_REST_URL"),
    });
    expect(rule.check(stack)).toEqual([]);
  });

  it.each(REQUIRED)("reports a group that lacks %s", (name) => {
    const rest = Object.entries(envVarsOf(wellFormedStack())).filter(([key]) => key !== name);
    const stack = withVariables(Object.fromEntries(rest));
    const violations = rule.check(stack);
    expect(messages(violations, stack)).toEqual([`Environment group cloudflare-kv lacks ${name}.`]);
    expect(violations[0]?.urn).toBe(urnOf("group", "cloudflare-kv"));
  });

  it.each([["no variables", null] as const, ["an empty map", {}] as const])(
    "reports the whole set for %s",
    (_, none) => {
      const stack = withVariables(none);
      const expected = REQUIRED.map((name) => `Environment group cloudflare-kv lacks ${name}.`);
      expect(messages(rule.check(stack), stack).toSorted()).toEqual(expected);
    },
  );

  it.each(["CLOUDFLARE_KV_TOKEN", "CLOUDFLARE_KV_NAMESPACE_ID_ORDERS", "CLOUDFLARE_KV_"])(
    "reports %s, which nothing in the environment explains",
    (name) => {
      const stack = withVariables({ ...envVarsOf(wellFormedStack()), ...variables(name) });
      expect(messages(rule.check(stack), stack)).toEqual([
        `Environment group cloudflare-kv holds ${name}, which belongs to no setting and no namespace of this environment.`,
      ]);
    },
  );

  it("asks for the id of each namespace that the stack has", () => {
    const stack = added(wellFormedStack(), resource("namespace", "orders", { title: "brainbot-dev-orders" }));
    expect(messages(rule.check(stack), stack)).toEqual([
      "Environment group cloudflare-kv lacks CLOUDFLARE_KV_NAMESPACE_ID_ORDERS.",
    ]);
  });

  it("reports an environment without a group", () => {
    const stack = without(wellFormedStack(), "group", "cloudflare-kv");
    expect(messages(rule.check(stack), stack)).toEqual([
      "The environment has no environment group to hold its variables.",
    ]);
  });

  it("judges every group of the stack", () => {
    const stack = added(wellFormedStack(), resource("group", "second", { envVars: envVarsOf(wellFormedStack()) }));
    expect(rule.check(stack)).toEqual([]);
    const broken = changed(stack, "group", "second", { envVars: {} });
    expect(rule.check(broken).map(({ urn }) => urn)).toEqual(REQUIRED.map(() => urnOf("group", "second")));
  });

  it("reports a group whose variables cannot be known, and passes over values that cannot", () => {
    const stack = withVariables(UNKNOWN);
    expect(messages(rule.check(stack), stack)).toEqual([
      "The variables of environment group cloudflare-kv are not known before it is created.",
    ]);
    const unknownValues = Object.fromEntries(REQUIRED.map((name) => [name, { value: UNKNOWN }]));
    expect(rule.check(withVariables(unknownValues))).toEqual([]);
  });
});
