import { describe, expect, it } from "vitest";

import { shardsOf } from "../../../src/config/namespace-schema.ts";
import { type Case, changed, developmentValues, problemLike, problemsOf } from "./valid-configuration.ts";

const GATEWAY = { access: "gateway", "cloudflare.workersSubdomain": "brainbot" };
const ZONE = { "cloudflare.hostname": "kv.example.com", "cloudflare.zoneId": "0d3a".repeat(8) };
const eventual = { consistency: "eventual", defaultTtlSeconds: 3600 };
const many = (count: number, prefix = "n") =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${prefix}${String(n)}`, eventual]));
/** `brainbot-dev-gateway` leaves this many characters for the application. */
const LONGEST_APP = 63 - "-dev-gateway".length;

const BROKEN: readonly Case[] = [
  [
    "a gateway without an address",
    { access: "gateway" },
    "kvshift:cloudflare.workersSubdomain",
    "no address of the gateway",
    /^add workersSubdomain .* or hostname and zoneId$/,
  ],
  [
    "a gateway whose hostname has no zone",
    { access: "gateway", "cloudflare.hostname": "kv.example.com" },
    "kvshift:cloudflare.zoneId",
    "nothing beside hostname",
    "add zoneId, or remove hostname",
  ],
  [
    "a name of the gateway that is no label of a host name",
    { ...GATEWAY, app: "x".repeat(LONGEST_APP + 1) },
    "kvshift:app",
    "a name of the gateway of 64 characters",
    "shorten app, or give the gateway a hostname",
  ],
  [
    "more namespaces than a Worker has variables",
    { ...GATEWAY, namespaces: many(122) },
    "kvshift:namespaces",
    "122 namespaces",
    "remove namespaces: keys with a prefix can share one",
  ],
  [
    "a place that Cloudflare does not have",
    { "cloudflare.locationHint": "moon" },
    "kvshift:cloudflare.locationHint",
    '"moon"',
    /\S/,
  ],
];

describe("rules about the gateway", () => {
  it.each(BROKEN)("refuse %s, and nothing else", (_title, changes, at, found, fix) => {
    expect(problemsOf(changed(developmentValues(), changes))).toEqual([problemLike(at, found, fix)]);
  });

  it.each([
    ["a gateway under workers.dev", GATEWAY],
    ["a gateway with a hostname", { access: "gateway", ...ZONE }],
    ["both addresses", { ...GATEWAY, ...ZONE }],
    ["the longest name", { ...GATEWAY, app: "x".repeat(LONGEST_APP) }],
    ["a longer one where there is a hostname", { access: "gateway", ...ZONE, app: "x".repeat(LONGEST_APP + 1) }],
    ["121 namespaces", { ...GATEWAY, namespaces: many(121) }],
    ["a place for objects", { ...GATEWAY, "cloudflare.locationHint": "weur" }],
    ["more namespaces without a gateway", { namespaces: many(122) }],
  ])("allow %s", (_title, changes) => {
    expect(problemsOf(changed(developmentValues(), changes))).toEqual([]);
  });

  it("refuse lists that do not fit into a variable of the Worker, and name the role", () => {
    const distinct = Array.from({ length: 250 }, (_, n) => `100.100.100.${String(n)}/32`);
    const changes = { ...GATEWAY, "credentials.operator.allowedIps": distinct };
    const [problem, ...others] = problemsOf(changed(developmentValues(), changes));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      at: "kvshift:credentials.operator.allowedIps",
      expected: "at most 5000 under access: gateway",
      found: expect.stringMatching(/^5\d\d\d bytes with the names of all namespaces$/),
    });
    expect(problemsOf(changed(developmentValues(), { ...changes, access: "rest" }))).toEqual([]);
  });

  it("count the names of namespaces for each role", () => {
    const long = many(40, `n${"x".repeat(120)}`);
    const found = problemsOf(changed(developmentValues(), { ...GATEWAY, namespaces: long }));
    expect(found.map(({ at }) => at)).toEqual([
      "kvshift:credentials.application.allowedIps",
      "kvshift:credentials.operator.allowedIps",
    ]);
  });
});

describe("shardsOf", () => {
  it.each([
    [{ consistency: "eventual" }, undefined],
    [{ consistency: "strong" }, 16],
    [{ consistency: "strong", shards: 1 }, 1],
  ] as const)("of %j is %s", (settings, shards) => {
    expect(shardsOf(settings)).toBe(shards);
  });
});
