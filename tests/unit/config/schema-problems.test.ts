import { describe, expect, it } from "vitest";

import {
  type Case,
  change,
  changed,
  developmentValues,
  problemLike,
  problemsOf,
  upstash,
} from "./valid-configuration.ts";

const MALFORMED: readonly Case[] = [
  ["a missing key", { kind: undefined }, "kvshift:kind", "nothing", "add kvshift:kind: development"],
  [
    "a missing inner key",
    { "render.ownerId": undefined },
    "kvshift:render.ownerId",
    "nothing",
    "add ownerId: tea-d0000000000000000001 under kvshift:render",
  ],
  [
    "a missing mapping once",
    { cloudflare: undefined },
    "kvshift:cloudflare",
    "nothing",
    /^add kvshift:cloudflare: \{ accountId:/,
  ],
  ["an empty string", { app: "" }, "kvshift:app", "an empty string", "write app: brainbot"],
  ["an empty value", { render: null }, "kvshift:render", "an empty value", /^write render: /],
  ["an empty list", { "render.services": [] }, "kvshift:render.services", "an empty list", /^write services: \[srv-/],
  ["a mapping where text belongs", { app: { name: "x" } }, "kvshift:app", "a mapping", "write app: brainbot"],
  ["text where a mapping belongs", { namespaces: "cache" }, "kvshift:namespaces", '"cache"', /^write namespaces: /],
  ["a list where a mapping belongs", { render: ["x"] }, "kvshift:render", "a list of 1", /^write render: /],
  ["a number where text belongs", { app: 5 }, "kvshift:app", "5", "write app: brainbot"],
  [
    "a number in quotes",
    { "namespaces.cache.defaultTtlSeconds": "3600" },
    "kvshift:namespaces.cache.defaultTtlSeconds",
    '"3600"',
    "write it without quotes: 3600",
  ],
  [
    "a fraction of a second",
    { "namespaces.cache.defaultTtlSeconds": 60.5 },
    "kvshift:namespaces.cache.defaultTtlSeconds",
    "60.5",
    "write defaultTtlSeconds: 3600",
  ],
  [
    "a lifetime of zero",
    { "namespaces.cache.defaultTtlSeconds": 0 },
    "kvshift:namespaces.cache.defaultTtlSeconds",
    "0",
    "write defaultTtlSeconds: 3600",
  ],
  [
    "a cacheTtlSeconds below 30",
    { "namespaces.cache.cacheTtlSeconds": 29 },
    "kvshift:namespaces.cache.cacheTtlSeconds",
    "29",
    "write cacheTtlSeconds: 60",
  ],
  [
    "an encrypted value where nothing is secret",
    { app: { secure: "v1:fake" } },
    "kvshift:app",
    "an encrypted value",
    "write the value in clear: it is not secret",
  ],
  ["an app in upper case", { app: "Brainbot" }, "kvshift:app", '"Brainbot"', "write app: brainbot"],
  ["an app that starts with a digit", { app: "1bot" }, "kvshift:app", '"1bot"', "write app: brainbot"],
  ["an unknown kind", { kind: "staging" }, "kvshift:kind", '"staging"', "write kind: development"],
  ["an unknown phase", { phase: "both" }, "kvshift:phase", '"both"', "write phase: kv"],
  [
    "an account id that is too short",
    { "cloudflare.accountId": "0d3a" },
    "kvshift:cloudflare.accountId",
    "a string of 4 characters",
    "copy the account id from Cloudflare's dashboard and quote it",
  ],
  [
    "an account id in upper case",
    { "cloudflare.accountId": "0D3A".repeat(8) },
    "kvshift:cloudflare.accountId",
    "a string of 32 characters",
    /account id/,
  ],
  [
    "a service id of another form",
    { "render.services": ["web-1"] },
    "kvshift:render.services[0]",
    '"web-1"',
    /starts with srv- or crn-/,
  ],
  [
    "a workspace id of another form",
    { "render.ownerId": "own-d0000000000000000001" },
    "kvshift:render.ownerId",
    '"own-d0000000000000000001"',
    /starts with tea- or usr-/,
  ],
  [
    "an environment id of another form",
    { "render.environmentId": "env-1" },
    "kvshift:render.environmentId",
    '"env-1"',
    /starts with evm-/,
  ],
  [
    "a missing role",
    { "credentials.operator": undefined },
    "kvshift:credentials.operator",
    "nothing",
    /^add operator: .* under kvshift:credentials$/,
  ],
  [
    "a missing slot",
    { "credentials.operator.slots.b": undefined },
    "kvshift:credentials.operator.slots.b",
    "nothing",
    "add b: { epoch: 0, state: empty } under kvshift:credentials.operator.slots",
  ],
  [
    "a third slot",
    { "credentials.operator.slots.c": {} },
    "kvshift:credentials.operator.slots.c",
    "an unknown key",
    'remove "c"',
  ],
  [
    "a negative epoch",
    { "credentials.operator.slots.b.epoch": -1 },
    "kvshift:credentials.operator.slots.b.epoch",
    "-1",
    "write epoch: 1",
  ],
  [
    "a rotation id with spaces",
    { "credentials.operator.rotation": "a b" },
    "kvshift:credentials.operator.rotation",
    '"a b"',
    "write rotation: rotate-2027-10",
  ],
  [
    "a date without a time",
    { "credentials.operator.slots.a.mintedAt": "2026-11-23" },
    "kvshift:credentials.operator.slots.a.mintedAt",
    '"2026-11-23"',
    /in UTC, to the second and in quotes/,
  ],
  [
    "a day that does not exist",
    { "credentials.operator.slots.a.expiresAt": "2027-02-30T00:00:00Z" },
    "kvshift:credentials.operator.slots.a.expiresAt",
    '"2027-02-30T00:00:00Z"',
    /in UTC/,
  ],
  [
    "an address without a prefix",
    { "credentials.operator.allowedIps": ["203.0.113.10"] },
    "kvshift:credentials.operator.allowedIps[0]",
    '"203.0.113.10"',
    /CIDR form.*\/32/,
  ],
  [
    "an empty list of networks",
    { "credentials.operator.allowedIps": [] },
    "kvshift:credentials.operator.allowedIps",
    "an empty list",
    "write allowedIps: [203.0.113.10/32]",
  ],
  [
    "a read share above 100",
    { phase: "dual", upstash: upstash(), readShare: 101 },
    "kvshift:readShare",
    "101",
    "write readShare: 0",
  ],
  [
    "a read share that is no whole number",
    { phase: "dual", upstash: upstash(), readShare: 0.5 },
    "kvshift:readShare",
    "0.5",
    "write readShare: 0",
  ],
  [
    "a host name with a scheme",
    { "cloudflare.hostname": "https://kv.example.com", "cloudflare.zoneId": "0d3a".repeat(8) },
    "kvshift:cloudflare.hostname",
    '"https://kv.example.com"',
    "write hostname: kv.example.com",
  ],
];

describe("the form of keys", () => {
  it.each(MALFORMED)("reports %s, and nothing else", (_title, changes, at, found, fix) => {
    expect(problemsOf(changed(developmentValues(), changes))).toEqual([problemLike(at, found, fix)]);
  });

  it.each([
    ["credential", "kvshift:credential", 'did you mean "credentials"? Rename the key'],
    ["read_share", "kvshift:read_share", 'did you mean "readShare"? Rename the key'],
    ["namespaces.cache.ttl", "kvshift:namespaces.cache.ttl", 'remove "ttl"'],
    ["namespaces.sessions.cacheTtl", "kvshift:namespaces.sessions.cacheTtl", 'remove "cacheTtl"'],
    ["render.serviceIds", "kvshift:render.serviceIds", 'remove "serviceIds"'],
    ["credentials.operator.slots.a.Epoc", "kvshift:credentials.operator.slots.a.Epoc", 'remove "Epoc"'],
  ])("refuses the unknown key %s", (path, at, fix) => {
    const values = change(developmentValues(), path, "x");
    if (path === "credential") delete values["credentials"];
    expect(problemsOf(values)).toContainEqual({
      at,
      found: "an unknown key",
      expected: expect.stringMatching(/^one of /),
      fix,
    });
  });

  it("suggests no key that stands beside the unknown one already", () => {
    const [problem] = problemsOf(change(developmentValues(), "Kind", "x"));
    expect(problem).toMatchObject({ at: "kvshift:Kind", fix: 'remove "Kind"' });
  });
});
