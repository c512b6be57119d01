import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/state-rules/group-variables-are-encrypted.ts";
import type { PropertyValue } from "../../../src/state/properties.ts";
import { DECRYPTED, ENCRYPTED, stateChanging, stateWith, urnOf } from "../recorded-state.ts";

function broken(...entries: readonly string[]) {
  const urn = urnOf("group", "cloudflare-kv");
  return entries.map((entry) => ({ message: `Environment group cloudflare-kv: ${entry} is in clear.`, urn }));
}

function withVariables(envVars: PropertyValue, secretFiles: PropertyValue = null) {
  return stateChanging("group", "cloudflare-kv", { inputs: { envVars, secretFiles } });
}

describe("group-variables-are-encrypted", () => {
  it("holds where each value, each entry or the whole map is encrypted", () => {
    expect(rule.check(stateWith())).toEqual([]);
    expect(rule.check(withVariables(ENCRYPTED))).toEqual([]);
    expect(rule.check(withVariables({ A: ENCRYPTED, B: { value: ENCRYPTED }, C: { value: "" }, D: {} }))).toEqual([]);
    expect(rule.check(withVariables(null))).toEqual([]);
  });

  it("reports the token of Upstash in clear", () => {
    const envVars = { A: { value: ENCRYPTED }, UPSTASH_REDIS_REST_TOKEN: { value: "x" } };
    expect(rule.check(withVariables(envVars))).toEqual(broken("UPSTASH_REDIS_REST_TOKEN"));
  });

  it("reports every variable in clear, however harmless", () => {
    const envVars = { CLOUDFLARE_KV_PHASE: { value: "kv" }, B: { value: DECRYPTED }, C: "kv" };
    expect(rule.check(withVariables(envVars))).toEqual(broken("CLOUDFLARE_KV_PHASE", "B", "C"));
  });

  it("reports a variable once that is in clear among inputs and outputs", () => {
    const properties = { envVars: { A: { value: "x" } } };
    const state = stateChanging("group", "cloudflare-kv", { inputs: properties, outputs: properties });
    expect(rule.check(state)).toEqual(broken("A"));
  });

  it("reports variables that are decrypted as a whole", () => {
    expect(rule.check(withVariables("x"))).toEqual(broken("envVars"));
    expect(rule.check(withVariables(DECRYPTED))).not.toEqual([]);
  });

  it("reports a secret file in clear", () => {
    const files = { "a.pem": { content: ENCRYPTED }, "b.pem": { content: "x" } };
    expect(rule.check(withVariables(ENCRYPTED, files))).toEqual(broken("b.pem"));
  });
});
