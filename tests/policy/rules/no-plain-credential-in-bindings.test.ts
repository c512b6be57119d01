import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/rules/no-plain-credential-in-bindings.ts";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../src/state/properties.ts";
import { added, changed, groupVariables, resource, urnOf, wellFormedStack } from "../well-formed-stack.ts";

/** Obviously no credential of anything. */
const VALUE = `value-${"x".repeat(24)}`;
const PLAIN = { type: "plain_text", name: "GREETING", text: "hello" };

function withBindings(bindings: PropertyValue) {
  return added(wellFormedStack(), resource("workerVersion", "gateway", { bindings }));
}

function withCredential(binding: PropertyMap) {
  return changed(withBindings([PLAIN, binding]), "accountToken", "operator-b12", { value: VALUE });
}

function broken(binding: string) {
  const message = `Worker version gateway: binding ${binding} holds a credential in clear.`;
  return [{ message, urn: urnOf("workerVersion", "gateway") }];
}

describe("no-plain-credential-in-bindings", () => {
  it("holds without a Worker, without bindings and for bindings that hold nothing secret", () => {
    expect(rule.check(wellFormedStack())).toEqual([]);
    expect(rule.check(added(wellFormedStack(), resource("workerVersion", "gateway", {})))).toEqual([]);
    const namespace = { type: "kv_namespace", name: "SESSIONS", namespaceId: UNKNOWN };
    expect(rule.check(withCredential(namespace))).toEqual([]);
  });

  it("lets a credential be bound as secret text, also under its name", () => {
    expect(rule.check(withCredential({ type: "secret_text", name: "API_TOKEN", text: VALUE }))).toEqual([]);
  });

  it.each([
    ["the value of a token", { type: "plain_text", name: "A", text: VALUE }],
    ["a text around it", { type: "plain_text", name: "A", text: `Bearer ${VALUE}` }],
    ["JSON around it", { type: "json", name: "A", json: JSON.stringify({ nested: [VALUE] }) }],
    ["any token of Cloudflare", { type: "plain_text", name: "A", text: `cfat_${"x".repeat(40)}` }],
    ["any secret of a gateway", { type: "json", name: "A", json: `["kvs_dev-operator-a1_${"x".repeat(40)}"]` }],
    ["what is not known, under the name of one", { type: "plain_text", name: "A", text: UNKNOWN }],
  ])("reports a plain binding with %s", (what, binding) => {
    const name = what.includes("name") ? "API_TOKEN" : binding.name;
    expect(rule.check(withCredential({ ...binding, name }))).toEqual(broken(name));
  });

  it.each(["KV_API_TOKEN", "clientSecret", "DB_PASSWORD", "apiKey"])("reports a plain binding named %s", (name) => {
    expect(rule.check(withBindings([{ ...PLAIN, name }]))).toEqual(broken(name));
  });

  it.each(["TOKEN_URL", "SECRET_COUNT", "KEYS"])("lets a plain binding be named %s", (name) => {
    expect(rule.check(withBindings([{ ...PLAIN, name }]))).toEqual([]);
  });

  it("finds the secrets of a gateway and of Upstash, too", () => {
    const stack = withBindings([{ ...PLAIN, text: VALUE }]);
    expect(rule.check(stack)).toEqual([]);
    expect(rule.check(added(stack, resource("randomPassword", "operator-a1", { result: VALUE })))).toEqual(
      broken("GREETING"),
    );
    const envVars = groupVariables({ UPSTASH_REDIS_REST_TOKEN: { value: VALUE } });
    expect(rule.check(changed(stack, "group", "cloudflare-kv", { envVars }))).toEqual(broken("GREETING"));
  });

  it("leaves a value that is not known yet to the end of the update", () => {
    expect(rule.afterCreation).toBe(true);
    expect(rule.check(withCredential({ ...PLAIN, text: UNKNOWN }))).toEqual([]);
  });

  it("reports a binding whose type is not known", () => {
    expect(rule.check(withBindings([{ ...PLAIN, type: UNKNOWN }]))).toEqual(broken("GREETING"));
    expect(rule.check(withBindings([{ type: UNKNOWN, name: UNKNOWN }]))).toEqual(broken("without a name"));
  });

  it("reports bindings that are not known as a whole", () => {
    const message = "Worker version gateway: its bindings are not known before it is created.";
    expect(rule.check(withBindings(UNKNOWN))).toEqual([{ message, urn: urnOf("workerVersion", "gateway") }]);
  });

  it("shows the value in no message", () => {
    const stack = withCredential({ type: "plain_text", name: "A", text: VALUE });
    expect(JSON.stringify(rule.check(stack))).not.toContain(VALUE);
  });

  it("lets a namespace be called like a credential, but only one of this stack", () => {
    const binding = { ...PLAIN, name: "NAMESPACE_REFRESH_TOKEN" };
    expect(rule.check(withBindings([binding]))).toEqual(broken("NAMESPACE_REFRESH_TOKEN"));
    const stack = added(withBindings([binding]), resource("namespace", "refresh-token", {}));
    expect(rule.check(stack)).toEqual([]);
    const planted = added(
      withBindings([{ ...binding, text: `kvs_dev-operator-a1_${"x".repeat(40)}` }]),
      resource("namespace", "refresh-token", {}),
    );
    expect(rule.check(planted)).toEqual(broken("NAMESPACE_REFRESH_TOKEN"));
  });
});
