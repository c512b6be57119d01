import { describe, expect, it } from "vitest";

import {
  credentialBinding,
  knownBindings,
  kvBinding,
  namespaceBinding,
  readConfig,
} from "../../../src/gateway/bindings.ts";
import { credentialConfig, EVENTUAL, GATEWAY_ACCOUNT, STRONG } from "../../../testbed/gateway-fixture.ts";

const ENV = {
  KVSHIFT_ENVIRONMENT: "dev",
  KVSHIFT_ACCOUNT_ID: GATEWAY_ACCOUNT,
  NAMESPACE_SESSIONS: JSON.stringify(STRONG),
  NAMESPACE_CACHE: JSON.stringify(EVENTUAL),
  CREDENTIAL_OPERATOR_A: JSON.stringify(credentialConfig("dev-operator-a1")),
  CREDENTIAL_APPLICATION_B: JSON.stringify(credentialConfig("dev-application-b2")),
};

// They stand in versions that are deployed: another spelling would not find them.
describe("the name of a binding", () => {
  it("is that of what it holds", () => {
    expect(namespaceBinding("user-sessions")).toBe("NAMESPACE_USER_SESSIONS");
    expect(kvBinding("user-sessions")).toBe("KV_USER_SESSIONS");
    expect(credentialBinding("application", "b")).toBe("CREDENTIAL_APPLICATION_B");
  });
});

describe("readConfig", () => {
  it("finds every namespace and credential in an order of its own, and nothing else", () => {
    const others = {
      KV_CACHE: {},
      SHARDS: {},
      LEDGER: {},
      KVSHIFT_LOCATION_HINT: "weur",
      MY_NAMESPACE_X: "x",
      // Planted beside them, in the form of what the stack writes.
      NAMESPACE_ORDERS: JSON.stringify({ ...STRONG, name: "orders", id: "0d".repeat(16) }),
      CREDENTIAL_APPLICATION_C: JSON.stringify(credentialConfig("dev-application-c1")),
      CREDENTIAL_X: "{",
    };
    expect(readConfig({ ...others, ...ENV })).toEqual({
      environment: "dev",
      accountId: GATEWAY_ACCOUNT,
      namespaces: [EVENTUAL, STRONG],
      credentials: [credentialConfig("dev-application-b2"), credentialConfig("dev-operator-a1")],
    });
  });

  it("knows each binding that the policies admit", () => {
    expect([...knownBindings(["cache"]).keys()].toSorted()).toEqual([
      "CREDENTIAL_APPLICATION_A",
      "CREDENTIAL_APPLICATION_B",
      "CREDENTIAL_OPERATOR_A",
      "CREDENTIAL_OPERATOR_B",
      "KVSHIFT_ACCOUNT_ID",
      "KVSHIFT_ENVIRONMENT",
      "KVSHIFT_LOCATION_HINT",
      "KVSHIFT_TIME_SCALE",
      "KV_CACHE",
      "LEDGER",
      "NAMESPACE_CACHE",
      "SHARDS",
    ]);
  });

  it.each(["KVSHIFT_ENVIRONMENT", "KVSHIFT_ACCOUNT_ID"])("fails without %s", (name) => {
    expect(() => readConfig({ ...ENV, [name]: undefined })).toThrow(`the binding ${name} is missing`);
  });

  it("fails where a binding is no text or no JSON", () => {
    expect(() => readConfig({ ...ENV, NAMESPACE_CACHE: EVENTUAL })).toThrow("the binding NAMESPACE_CACHE is missing");
    expect(() => readConfig({ ...ENV, CREDENTIAL_OPERATOR_A: "{" })).toThrow(SyntaxError);
  });
});
