import { describe, expect, it } from "vitest";

import { Secret } from "../../src/core/secret.ts";
import { credentialsIn, scanState } from "../../src/policy/state-scan.ts";
import type { StateFacts } from "../../src/policy/state.ts";
import { readDeployment } from "../../src/state/deployment.ts";
import { CONFIG, CREDENTIAL, DECRYPTED, ENCRYPTED, urnOf } from "./recorded-state.ts";

const TYPE = "cloudflare:index/accountToken:AccountToken";
const TOKEN = { urn: urnOf("accountToken", "application-a1"), type: TYPE, id: "id", protect: true };
const OPERATOR = { ...TOKEN, urn: urnOf("accountToken", "operator-a1") };
const NAMESPACE = {
  urn: urnOf("namespace", "sessions"),
  type: "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
  protect: true,
  retainOnDelete: true,
};
const FACTS: StateFacts = { config: CONFIG, secrets: [] };

function exported(resources: readonly object[], pending: readonly object[] = []) {
  return {
    version: 3,
    deployment: { resources, pending_operations: pending.map((resource) => ({ resource, type: "creating" })) },
  };
}

function rulesOf(state: unknown, facts: StateFacts = FACTS) {
  return scanState(readDeployment(state), facts).map(({ rule, urn }) => [rule, urn?.split("::").at(-1)]);
}

describe("scanState", () => {
  it("finds nothing in a state in which every rule holds", () => {
    expect(rulesOf(exported([{ ...TOKEN, outputs: { value: ENCRYPTED } }, OPERATOR, NAMESPACE]))).toEqual([]);
  });

  it("names the rule, the resource and the fix", () => {
    const [violation] = scanState(readDeployment(exported([{ ...TOKEN, outputs: { value: "x" } }, OPERATOR])), FACTS);
    expect(violation).toMatchObject({ rule: "credentials-are-encrypted", urn: TOKEN.urn });
    expect(violation?.fix).toMatch(/rotate/);
  });

  it("takes what is not said for no protection and no retention", () => {
    const { protect: _protect, ...unprotected } = TOKEN;
    const { retainOnDelete: _retain, ...unretained } = NAMESPACE;
    expect(rulesOf(exported([unprotected, OPERATOR, unretained]))).toEqual([
      ["live-credentials-are-protected", "application-a1"],
      ["production-data-is-kept", "sessions"],
    ]);
  });

  it("does not take the old copy of a replaced resource for the resource", () => {
    expect(rulesOf(exported([{ ...TOKEN, delete: true }, OPERATOR]))).toEqual([
      ["live-credentials-are-protected", undefined],
    ]);
  });

  it("looks into operations that broke off", () => {
    const pending = { ...TOKEN, outputs: { value: "x" } };
    expect(rulesOf(exported([TOKEN, OPERATOR], [pending]))).toEqual([["credentials-are-encrypted", "application-a1"]]);
  });

  it("finds the credentials that it is told of", () => {
    const stack = {
      urn: urnOf("stack", "kvshift-dev"),
      type: "pulumi:pulumi:Stack",
      outputs: { greeting: CREDENTIAL },
    };
    const state = exported([stack, TOKEN, OPERATOR]);
    expect(rulesOf(state)).toEqual([]);
    expect(rulesOf(state, { ...FACTS, secrets: [new Secret(CREDENTIAL)] })).toEqual([
      ["no-plain-credential-in-outputs", "kvshift-dev"],
    ]);
  });

  it("judges by the rules that it is given", () => {
    expect(scanState(readDeployment(exported([])), FACTS, [])).toEqual([]);
  });

  it.each([undefined, {}, { deployment: {} }, { deployment: { resources: null } }])(
    "does not say of %j that it is safe",
    (state) => {
      let found: readonly unknown[] = [];
      try {
        found = scanState(readDeployment(state), FACTS);
      } catch (error) {
        found = [error];
      }
      expect(found).not.toEqual([]);
    },
  );
});

describe("credentialsIn", () => {
  const group = (name: string, value: unknown) => ({
    urn: urnOf("group", "cloudflare-kv"),
    type: "render:index/envGroup:EnvGroup",
    inputs: { envVars: { [name]: { value }, CLOUDFLARE_KV_PHASE: { value: "kv".repeat(20) } } },
  });
  const reveal = (state: unknown) => credentialsIn(readDeployment(state)).map((secret) => secret.reveal());

  it("takes tokens, random passwords and variables that are named like a credential", () => {
    const token = { ...TOKEN, outputs: { value: DECRYPTED } };
    const password = {
      urn: urnOf("randomPassword", "salt"),
      type: "random:index/randomPassword:RandomPassword",
      outputs: { result: `${CREDENTIAL}2` },
    };
    const state = exported([token, password, group("UPSTASH_REDIS_REST_TOKEN", `${CREDENTIAL}3`)]);
    expect(reveal(state)).toEqual([CREDENTIAL, `${CREDENTIAL}2`, `${CREDENTIAL}3`]);
  });

  it("takes each once, and none that is encrypted, too short or absent", () => {
    const token = { ...TOKEN, outputs: { value: DECRYPTED } };
    const state = exported([
      token,
      group("A_TOKEN", DECRYPTED),
      group("B_TOKEN", ENCRYPTED),
      group("C_TOKEN", "short"),
      OPERATOR,
    ]);
    expect(reveal(state)).toEqual([CREDENTIAL]);
  });

  it("does not take the id of a namespace that is named like a credential for one", () => {
    const variable = group("CLOUDFLARE_KV_NAMESPACE_ID_REFRESH_TOKEN", "1".repeat(32));
    expect(reveal(exported([variable]))).toEqual([]);
  });

  it("shows none of them when it is printed", () => {
    expect(JSON.stringify(credentialsIn(readDeployment(exported([{ ...TOKEN, outputs: { value: DECRYPTED } }]))))).toBe(
      '["[secret]"]',
    );
  });
});
