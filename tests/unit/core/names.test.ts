import { describe, expect, it } from "vitest";

import {
  credentialId,
  credentialName,
  credentialOfName,
  environmentGroupName,
  environmentOfCredential,
  gatewaySecret,
  gatewayWorkerName,
  idOfGatewaySecret,
  namespaceIdVariable,
  namespaceTitle,
  nameStem,
  stemOfGateway,
  stemOfGroup,
  tokenName,
  variableSuffix,
} from "../../../src/core/names.ts";

// These names stand at the vendors and in state: another spelling would orphan what exists.
describe("names", () => {
  it("titles a namespace after its application and environment", () => {
    expect(namespaceTitle("brainbot", "pr-12", "user-sessions")).toBe("brainbot-pr-12-user-sessions");
  });

  it("names the environment group after its application and environment", () => {
    expect(environmentGroupName("brainbot", "prod")).toBe("brainbot-prod-cloudflare-kv");
  });

  it("identifies a credential by environment, role, slot and epoch", () => {
    expect(credentialId("dev", "application", "b", 12)).toBe("dev-application-b12");
  });

  it("names a token after its application and credential", () => {
    expect(tokenName("brainbot", "dev", "operator", "a", 1)).toBe("brainbot-dev-operator-a1");
  });

  it.each([
    ["sessions", "SESSIONS"],
    ["user-sessions", "USER_SESSIONS"],
    ["v2.cache", "V2_CACHE"],
    ["straße", "STRASSE"],
  ])("turns %s into the part %s of a variable", (name, suffix) => {
    expect(variableSuffix(name)).toBe(suffix);
    expect(namespaceIdVariable(name)).toBe(`CLOUDFLARE_KV_NAMESPACE_ID_${suffix}`);
  });

  it("reads the environment back out of a credential's id, whatever the environment is called", () => {
    expect(environmentOfCredential(credentialId("eu-dev", "application", "b", 12))).toBe("eu-dev");
    expect(environmentOfCredential(credentialId("x-operator-a1", "operator", "a", 1))).toBe("x-operator-a1");
    expect(environmentOfCredential("mine")).toBeUndefined();
  });

  it("reads role, slot and epoch back out of a credential's name", () => {
    expect(credentialName("operator", "b", 12)).toBe("operator-b12");
    expect(credentialOfName("operator-b12")).toEqual({ role: "operator", slot: "b", epoch: 12 });
  });

  it.each(["", "operator", "operator-b", "operator-b0", "operator-b01", "operator-c1", "admin-a1", "dev-operator-a1"])(
    "finds no credential in the name %j",
    (name) => {
      expect(credentialOfName(name)).toBeUndefined();
    },
  );

  it("reads the id back out of what a caller of the gateway presents", () => {
    const id = credentialId("eu-dev", "application", "b", 12);
    expect(gatewaySecret(id, "S".repeat(48))).toBe(`kvs_eu-dev-application-b12_${"S".repeat(48)}`);
    expect(idOfGatewaySecret(gatewaySecret(id, "S".repeat(48)))).toBe(id);
  });

  it.each([
    "",
    "kvs__SSSSSSSSSSSSSSSS",
    "kvs_dev_SSSSSSSSSSSSSSS",
    "kvs_dev_SSSSSSSS_SSSSSSSS",
    "cfat_dev_SSSSSSSSSSSSSSSS",
  ])("finds no id in %j", (presented) => {
    expect(idOfGatewaySecret(presented)).toBeUndefined();
  });

  it("reads application and environment back out of a group's name, though not where one ends", () => {
    expect(stemOfGroup(environmentGroupName("shop", "eu-dev"))).toBe(nameStem("shop-eu", "dev"));
    expect(stemOfGroup("people's own")).toBeUndefined();
    expect(stemOfGateway(gatewayWorkerName("shop", "eu-dev"))).toBe(nameStem("shop-eu", "dev"));
    expect(stemOfGateway("people's own")).toBeUndefined();
  });
});
