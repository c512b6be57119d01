import { describe, expect, it } from "vitest";

import type { StateResource } from "../../../src/policy/state.ts";
import { rule } from "../../../src/policy/state-rules/credentials-are-encrypted.ts";
import {
  CREDENTIAL,
  DECRYPTED,
  recorded,
  type RecordedType,
  stateChanging,
  stateWith,
  urnOf,
} from "../recorded-state.ts";

function broken(type: RecordedType, name: string, path: string) {
  return [{ message: `Resource ${name}: ${path} holds a credential in clear.`, urn: urnOf(type, name) }];
}

describe("credentials-are-encrypted", () => {
  it("holds where every credential is encrypted, or there is none yet", () => {
    expect(rule.check(stateWith(recorded("accountToken", "application-b1", { outputs: { value: null } })))).toEqual([]);
  });

  it.each([
    ["in clear", { outputs: { value: "anything" } }],
    ["decrypted", { outputs: { value: DECRYPTED } }],
    ["in a list", { outputs: { value: ["anything"] } }],
    ["among the inputs", { inputs: { value: "anything" } }],
  ] satisfies [string, Partial<StateResource>][])("reports the value of a token that stands %s", (_, changes) => {
    const state = stateChanging("accountToken", "operator-a1", changes);
    expect(rule.check(state)).toEqual(broken("accountToken", "operator-a1", "value"));
  });

  it.each(["result", "bcryptHash"])("reports %s of a random password", (property) => {
    const state = stateChanging("randomPassword", "salt", { outputs: { [property]: "anything" } });
    expect(rule.check(state)).toEqual(broken("randomPassword", "salt", property));
  });

  it.each([
    ["of the stack", `Bearer ${CREDENTIAL}`],
    ["in a format of Cloudflare's", `cfat_${"x".repeat(40)}`],
  ])("reports a credential %s in any other resource at a vendor", (_, text) => {
    const state = stateChanging("workerVersion", "gateway", { inputs: { bindings: [{ type: "secret_text", text }] } });
    expect(rule.check(state)).toEqual(broken("workerVersion", "gateway", "bindings[0].text"));
  });

  it("reports a credential that is an id", () => {
    const state = stateWith(recorded("workerVersion", "other", { id: CREDENTIAL }));
    expect(rule.check(state)).toEqual(broken("workerVersion", "other", "id"));
  });

  it("reports what an operation that broke off has left in clear", () => {
    const pending = recorded("accountToken", "application-b1", { isCurrent: false, outputs: { value: "anything" } });
    expect(rule.check(stateWith(pending))).toEqual(broken("accountToken", "application-b1", "value"));
  });

  it("leaves groups and components to their own rules", () => {
    const group = recorded("group", "other", { outputs: { envVars: { A: { value: CREDENTIAL } } } });
    const component = recorded("credentials", "dev", { outputs: { value: CREDENTIAL } });
    expect(rule.check(stateWith(group, component))).toEqual([]);
  });
});
