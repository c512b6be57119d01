import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/state-rules/no-plain-credential-in-outputs.ts";
import { CREDENTIAL, DECRYPTED, ENCRYPTED, recorded, stateChanging, stateWith, urnOf } from "../recorded-state.ts";

function withOutput(name: string, value: string) {
  return stateChanging("stack", "kvshift-dev", { outputs: { nested: { [name]: value }, other: "harmless" } });
}

function broken(path: string) {
  return [{ message: `Component kvshift-dev: ${path} is a credential in clear.`, urn: urnOf("stack", "kvshift-dev") }];
}

describe("no-plain-credential-in-outputs", () => {
  it("holds where outputs that hold a credential are encrypted", () => {
    const encrypted = { ...ENCRYPTED, ciphertext: `v1:cfat_${"x".repeat(40)}` };
    const outputs = { token: ENCRYPTED, any: { nested: encrypted }, credentialId: "dev-application-a1", tokenCount: 2 };
    expect(rule.check(stateChanging("stack", "kvshift-dev", { outputs }))).toEqual([]);
  });

  it.each([
    ["the value of a credential", CREDENTIAL],
    ["a text around it", `https://user:${CREDENTIAL}@example.com`],
    ["any token of Cloudflare", `cfut_${"x".repeat(40)}`],
  ])("reports an output with %s under a harmless name", (_, text) => {
    expect(rule.check(withOutput("greeting", text))).toEqual(broken("nested.greeting"));
  });

  it.each(["UPSTASH_REDIS_REST_TOKEN", "restToken", "password", "API_KEY"])("reports an output named %s", (name) => {
    expect(rule.check(withOutput(name, "anything"))).toEqual(broken(`nested.${name}`));
  });

  it("reports an output that is marked as a secret and not encrypted", () => {
    const outputs = { any: DECRYPTED };
    expect(rule.check(stateChanging("stack", "kvshift-dev", { outputs }))).toEqual(broken("any.plaintext"));
  });

  it("reports what a component registers", () => {
    const component = recorded("credentials", "dev", { outputs: { value: CREDENTIAL } });
    expect(rule.check(stateWith(component))).toEqual([
      { message: "Component dev: value is a credential in clear.", urn: urnOf("credentials", "dev") },
    ]);
  });

  it("does not take the name of a namespace for that of a credential", () => {
    const id = "1".repeat(32);
    const component = recorded("namespaces", "other", { outputs: { ids: { "refresh-token": id } } });
    const variables = { CLOUDFLARE_KV_NAMESPACE_ID_REFRESH_TOKEN: id };
    const { resources, ...state } = stateChanging("stack", "kvshift-dev", { outputs: { variables } });
    expect(rule.check({ ...state, resources: [...resources, component] })).toEqual([]);
  });

  it("shows the value in no message", () => {
    expect(JSON.stringify(rule.check(withOutput("greeting", CREDENTIAL)))).not.toContain(CREDENTIAL);
  });
});
