import { describe, expect, it } from "vitest";

import { Secret } from "../../../src/core/secret.ts";
import {
  type Case,
  changed,
  developmentValues,
  IN_DEVELOPMENT,
  IN_PRODUCTION,
  problemLike,
  problemsOf,
  productionValues,
  upstash,
} from "./valid-configuration.ts";

const BROKEN: readonly Case[] = [
  [
    "phase redis without upstash",
    { phase: "redis" },
    "kvshift:upstash",
    "nothing in phase redis",
    /add upstash with restUrl.*kvshift secret set/,
  ],
  [
    "phase dual without upstash",
    { phase: "dual" },
    "kvshift:upstash",
    "nothing in phase dual",
    /add upstash with restUrl/,
  ],
  ["readShare in phase kv", { readShare: 50 }, "kvshift:readShare", "50 in phase kv", "remove readShare"],
  [
    "readShare in phase redis",
    { phase: "redis", upstash: upstash(), readShare: 0 },
    "kvshift:readShare",
    "0 in phase redis",
    "remove readShare",
  ],
  [
    "a hostname without its zone",
    { "cloudflare.hostname": "kv.example.com" },
    "kvshift:cloudflare.zoneId",
    "nothing beside hostname",
    "add zoneId, or remove hostname",
  ],
  [
    "a zone without a hostname",
    { "cloudflare.zoneId": "0d3a".repeat(8) },
    "kvshift:cloudflare.hostname",
    "nothing beside zoneId",
    "add hostname, or remove zoneId",
  ],
  [
    "a service that stands twice",
    { "render.services": ["srv-d0000000000000000001", "srv-d0000000000000000001"] },
    "kvshift:render.services[1]",
    '"srv-d0000000000000000001" a second time',
    "remove the second one",
  ],
  [
    "a network that stands twice",
    { "credentials.operator.allowedIps": ["10.0.0.0/8", "10.0.0.0/8"] },
    "kvshift:credentials.operator.allowedIps[1]",
    '"10.0.0.0/8" a second time',
    "remove the second one",
  ],
  [
    "a token in clear",
    { upstash: { ...upstash(), restToken: "fake" } },
    "kvshift:upstash.restToken",
    "a plain string",
    /^run `kvshift secret set`/,
  ],
  [
    "a REST address with a password",
    { upstash: { ...upstash(), restUrl: "https://default:fake@example.com" } },
    "kvshift:upstash.restUrl",
    "a plain string",
    /without any token in it/,
  ],
  [
    "a REST address over http",
    { upstash: { ...upstash(), restUrl: "http://example.com" } },
    "kvshift:upstash.restUrl",
    "a plain string",
    /UPSTASH_REDIS_REST_URL/,
  ],
  [
    "a REST address with a token as query",
    { upstash: { ...upstash(), restUrl: "https://example.com/?_token=fake" } },
    "kvshift:upstash.restUrl",
    "a plain string",
    /without any token/,
  ],
];

describe("rules across keys", () => {
  it.each(BROKEN)("refuse %s, and nothing else", (_title, changes, at, found, fix) => {
    expect(problemsOf(changed(developmentValues(), changes))).toEqual([problemLike(at, found, fix)]);
  });

  it.each([
    ["upstash in phase kv, until it is retired", { upstash: upstash() }],
    ["phase redis with upstash", { phase: "redis", upstash: upstash() }],
    ["phase dual without readShare", { phase: "dual", upstash: upstash() }],
    ["readShare 0 in phase dual", { phase: "dual", upstash: upstash(), readShare: 0 }],
    ["readShare 100 in phase dual", { phase: "dual", upstash: upstash(), readShare: 100 }],
    ["a hostname with its zone", { "cloudflare.hostname": "kv.example.com", "cloudflare.zoneId": "0d3a".repeat(8) }],
    ["an environment of a Render project", { "render.environmentId": "evm-d0000000000000000001" }],
  ])("allow %s", (_title, changes) => {
    expect(problemsOf(changed(developmentValues(), changes))).toEqual([]);
  });

  it("refuse a decrypted token where the file is read", () => {
    const values = changed(developmentValues(), { upstash: { ...upstash(), restToken: new Secret("fake") } });
    expect(problemsOf(values)).toMatchObject([{ at: "kvshift:upstash.restToken", found: "a secret in clear" }]);
  });
});

describe("the environment's name", () => {
  it.each(["dev", "a", "eu-west-1", "7", "x".repeat(32)])("may be %s", (environment) => {
    expect(problemsOf(developmentValues(), { ...IN_DEVELOPMENT, environment })).toEqual([]);
  });

  it.each(["", "Dev", "dev_1", "dev.1", "-dev", "dev-", "x".repeat(33), "dév", "a/b"])(
    "may not be %j",
    (environment) => {
      expect(problemsOf(developmentValues(), { ...IN_DEVELOPMENT, environment })).toEqual([
        {
          at: "the environment's name",
          found: environment === "" ? "an empty string" : JSON.stringify(environment),
          expected: "1 to 32 lower-case letters, digits and dashes, no dash at either end",
          fix: "rename the environment and its file",
        },
      ]);
    },
  );

  it("is pr-<number> for a preview", () => {
    const preview = changed(developmentValues(), { kind: "preview" });
    expect(problemsOf(preview, { ...IN_DEVELOPMENT, environment: "pr-12" })).toEqual([]);
    expect(problemsOf(preview)).toMatchObject([{ at: "kvshift:kind", fix: /rename the environment to pr-<number>/ }]);
    expect(problemsOf(preview, { ...IN_DEVELOPMENT, environment: "pr-012" })).toMatchObject([{ at: "kvshift:kind" }]);
  });

  it("is pr-<number> for nothing but a preview", () => {
    const context = { ...IN_PRODUCTION, environment: "pr-12" };
    expect(problemsOf(productionValues(), context)).toMatchObject([
      { at: "kvshift:kind", found: '"production" in the environment "pr-12"', fix: /write kind: preview/ },
    ]);
  });
});
