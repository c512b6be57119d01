import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";

import type { EnvironmentConfig } from "../../../src/config/schema.ts";
import type { Phase } from "../../../src/core/names.ts";
import { environmentVariables, readShare } from "../../../src/stack/variables.ts";
import { resolved } from "../../support/pulumi-mocks.ts";
import { changed, developmentValues, upstash } from "../config/valid-configuration.ts";
import { ACCOUNT_ID, behindGateway, configOf, development } from "./vendors.ts";

const TOKEN = "fake".repeat(10);
const UPSTASH_TOKEN = "fake-upstash".repeat(3);

const inPhase = (phase: Phase, more: Record<string, unknown> = {}) =>
  configOf(changed(developmentValues(), { phase, upstash: { ...upstash(), restToken: UPSTASH_TOKEN }, ...more }));

function variables(config: EnvironmentConfig, apiUrl = "https://api.cloudflare.com/client/v4") {
  const ids = Object.keys(config.namespaces).map((name) => [name, pulumi.output(`id-of-${name}`)] as const);
  return environmentVariables({
    environment: "dev",
    config,
    apiUrl,
    namespaceIds: Object.fromEntries(ids),
    apiToken: pulumi.secret(TOKEN),
  });
}

const COMMON = [
  "CLOUDFLARE_KV_ACCOUNT_ID",
  "CLOUDFLARE_KV_API_TOKEN",
  "CLOUDFLARE_KV_API_URL",
  "CLOUDFLARE_KV_CREDENTIAL_ID",
  "CLOUDFLARE_KV_NAMESPACES",
  "CLOUDFLARE_KV_NAMESPACE_ID_CACHE",
  "CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS",
  "CLOUDFLARE_KV_PHASE",
  "CLOUDFLARE_KV_READ_SHARE",
];
const WITH_UPSTASH = [...COMMON, "UPSTASH_REDIS_REST_TOKEN", "UPSTASH_REDIS_REST_URL"];

describe("environmentVariables", () => {
  it.each([
    ["redis", WITH_UPSTASH],
    ["dual", WITH_UPSTASH],
    ["kv", COMMON],
  ] as const)("are complete in phase %s, also where Upstash is still configured", (phase, names) => {
    const { plain, secret } = variables(inPhase(phase));
    expect(Object.keys({ ...plain, ...secret }).toSorted()).toEqual(names);
  });

  it("hold what an application needs to reach KV", async () => {
    const { plain } = variables(development());
    expect(await resolved(plain)).toEqual({
      secret: false,
      value: {
        CLOUDFLARE_KV_API_URL: "https://api.cloudflare.com/client/v4",
        CLOUDFLARE_KV_ACCOUNT_ID: ACCOUNT_ID,
        CLOUDFLARE_KV_CREDENTIAL_ID: "dev-application-a1",
        CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS: "id-of-sessions",
        CLOUDFLARE_KV_NAMESPACE_ID_CACHE: "id-of-cache",
        CLOUDFLARE_KV_NAMESPACES: expect.any(String),
        CLOUDFLARE_KV_PHASE: "kv",
        CLOUDFLARE_KV_READ_SHARE: "100",
      },
    });
  });

  it("describe each namespace in compact JSON, names in order whatever the file's order", async () => {
    const { plain } = variables(development());
    const { value } = await resolved(plain["CLOUDFLARE_KV_NAMESPACES"] ?? "");
    const cache =
      '"cache":{"id":"id-of-cache","consistency":"eventual","defaultTtlSeconds":3600,"cacheTtlSeconds":60,"stalenessBudgetSeconds":120}';
    const sessions =
      '"sessions":{"id":"id-of-sessions","consistency":"eventual","defaultTtlSeconds":86400,"maxTtlSeconds":2592000}';
    expect(value).toBe(`{${cache},${sessions}}`);
  });

  it("tell readers nothing of the objects that hold a strong namespace", async () => {
    const { plain } = variables(behindGateway({ "namespaces.sessions.shards": 4 }));
    const { value } = await resolved(plain["CLOUDFLARE_KV_NAMESPACES"] ?? "");
    const { sessions } = JSON.parse(String(value)) as Record<string, unknown>;
    expect(sessions).toEqual({
      id: "id-of-sessions",
      consistency: "strong",
      defaultTtlSeconds: 86400,
      maxTtlSeconds: 2592000,
    });
  });

  it("mark tokens as secret, and nothing that is not", async () => {
    const { plain, secret } = variables(inPhase("dual"));
    const marks = await Promise.all(Object.values(plain).map(async (value) => (await resolved(value)).secret));
    expect(marks.every((marked) => !marked)).toBe(true);
    expect(await resolved(secret["CLOUDFLARE_KV_API_TOKEN"] ?? "")).toEqual({ value: TOKEN, secret: true });
    expect(await resolved(secret["UPSTASH_REDIS_REST_TOKEN"] ?? "")).toEqual({ value: UPSTASH_TOKEN, secret: true });
    expect(Object.keys(secret)).toHaveLength(2);
  });

  it("send the application where its token was minted", async () => {
    const { plain } = variables(development(), "http://127.0.0.1:4001/client/v4");
    expect(plain["CLOUDFLARE_KV_API_URL"]).toBe("http://127.0.0.1:4001/client/v4");
  });

  it("name the credential of the active slot", () => {
    const dates = { mintedAt: "2026-11-23T00:00:00Z", expiresAt: "never" };
    const values = changed(developmentValues(), {
      "credentials.application.active": "b",
      "credentials.application.slots.a.state": "draining",
      "credentials.application.slots.b": { epoch: 12, state: "live", ...dates },
    });
    expect(variables(configOf(values)).plain["CLOUDFLARE_KV_CREDENTIAL_ID"]).toBe("dev-application-b12");
  });

  it("refuse a token of Upstash that was not decrypted: it would be handed out as it is", () => {
    const restToken = { secure: "v1:fake:fake" };
    const encrypted = { ...inPhase("dual"), upstash: { ...upstash(), restToken } };
    expect(() => variables(encrypted)).toThrow("encrypted");
  });
});

describe("readShare", () => {
  it.each<[Phase, number | undefined, number]>([
    ["redis", undefined, 0],
    ["dual", undefined, 0],
    ["dual", 0, 0],
    ["dual", 25, 25],
    ["dual", 100, 100],
    ["kv", undefined, 100],
  ])("in phase %s with %s in the file is %i", (phase, written, expected) => {
    expect(readShare({ phase, ...(written === undefined ? {} : { readShare: written }) })).toBe(expected);
  });
});
