import { describe, expect, it } from "vitest";

import type { EnvironmentFacts } from "../../../src/policy/model.ts";
import { rule } from "../../../src/policy/rules/gateway-credentials-are-limited.ts";
import { type PropertyValue, UNKNOWN } from "../../../src/state/properties.ts";
import { added, resource, urnOf, wellFormedStack } from "../well-formed-stack.ts";

const CREDENTIAL = {
  id: "dev-application-a1",
  role: "application",
  sha256: "0a".repeat(32),
  namespaces: ["sessions", "page-cache"],
  access: "write",
  expiresAt: "2027-11-23T00:00:00Z",
  allowedIps: ["203.0.113.10/32"],
};

function withText(text: PropertyValue, environment: Partial<EnvironmentFacts> = {}) {
  const bindings = [{ type: "plain_text", name: "CREDENTIAL_APPLICATION_A", text }];
  return added(wellFormedStack(environment), resource("workerVersion", "gateway", { bindings }));
}

function found(changes: Record<string, unknown>, kind: EnvironmentFacts["kind"] = "development"): readonly string[] {
  const stack = withText(JSON.stringify({ ...CREDENTIAL, ...changes }), { kind });
  const messages = rule.check(stack).map(({ message }) => message);
  const values = Object.values({ ...CREDENTIAL, ...changes })
    .flat()
    .map(String);
  // The names of its bindings are shown, what they hold is not.
  for (const message of messages)
    expect(values.filter((value) => value.length > 8 && message.includes(value))).toEqual([]);
  return messages;
}

const says = (finding: string) => `Worker version gateway: the credential in CREDENTIAL_APPLICATION_A ${finding}.`;

describe("gateway-credentials-are-limited", () => {
  it.each(["development", "preview", "production"] as const)("holds in %s for what the stack writes", (kind) => {
    expect(found({}, kind)).toEqual([]);
  });

  it.each([
    ["nothing in its place", undefined],
    ["the credential itself", `kvs_dev-application-a1_${"x".repeat(40)}`],
    ["a hash of another length", "0a".repeat(16)],
  ])("reports %s where the hash belongs", (_title, sha256) => {
    const stack = withText(JSON.stringify({ ...CREDENTIAL, sha256 }));
    expect(rule.check(stack)).toEqual([{ message: says("has no SHA-256"), urn: urnOf("workerVersion", "gateway") }]);
  });

  it.each([
    ["of another stack", ["sessions", "orders"]],
    ["that are not listed", "*"],
    ["of any name", undefined],
  ])("reports a credential for namespaces %s", (_title, namespaces) => {
    expect(found({ namespaces })).toEqual([says("reaches what is no namespace of this stack")]);
  });

  it.each([
    ["another role", { role: "operator" }, "has another role than its name says"],
    ["the id of another environment", { id: "prod-application-a1" }, "has the id of another one"],
    ["the id of the other slot", { id: "dev-application-b1" }, "has the id of another one"],
    ["no id", { id: undefined }, "has the id of another one"],
    ["an access of its own", { access: "admin" }, "has an access that the gateway does not know"],
  ])("reports %s", (_title, changes, finding) => {
    expect(found(changes)).toEqual([says(finding)]);
  });

  it("wants an end and networks in production, and only there", () => {
    const unbound = { expiresAt: undefined, allowedIps: undefined };
    expect(found(unbound)).toEqual([]);
    expect(found(unbound, "production")).toEqual([says("never expires"), says("is accepted from too many addresses")]);
    expect(found({ allowedIps: ["203.0.113.10/32", "0.0.0.0/0"] }, "production")).toEqual([
      says("is accepted from too many addresses"),
    ]);
    expect(found({ allowedIps: [] }, "production")).toHaveLength(1);
  });

  it.each(["", "{", "[]", "null", 7])("reports %j in place of the JSON", (text) => {
    expect(rule.check(withText(text)).map(({ message }) => message)).toEqual([says("is not a JSON object")]);
  });

  it("leaves what is not known yet to the end of the update", () => {
    expect(rule.afterCreation).toBe(true);
    expect(rule.check(withText(UNKNOWN, { kind: "production" }))).toEqual([]);
  });

  it("looks at no other binding, and at no stack without a gateway", () => {
    expect(rule.check(wellFormedStack())).toEqual([]);
    const bindings = [{ type: "plain_text", name: "KVSHIFT_ENVIRONMENT", text: "dev" }];
    expect(rule.check(added(wellFormedStack(), resource("workerVersion", "gateway", { bindings })))).toEqual([]);
    expect(rule.check(added(wellFormedStack(), resource("workerVersion", "gateway", { bindings: UNKNOWN })))).toEqual(
      [],
    );
  });
});
