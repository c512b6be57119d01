import { describe, expect, it } from "vitest";

import {
  type Case,
  change,
  changed,
  developmentValues,
  IN_PRODUCTION,
  NOW,
  problemLike,
  problemsOf,
  productionValues,
} from "./valid-configuration.ts";

const SLOTS = "credentials.application.slots";
const AT = `kvshift:${SLOTS}`;
const slot = (state: string, more: Record<string, unknown> = {}) => ({
  epoch: 2,
  state,
  mintedAt: "2026-12-01T00:00:00Z",
  expiresAt: "2027-12-01T00:00:00Z",
  ...more,
});
const isoSeconds = (time: number) => new Date(time).toISOString().replace(".000Z", "Z");

const BROKEN: readonly Case[] = [
  [
    "an active slot that is empty",
    { "credentials.application.active": "b" },
    "kvshift:credentials.application.active",
    "b, a slot that is empty",
    /name the live slot/,
  ],
  [
    "an active slot that drains",
    { [`${SLOTS}.a.state`]: "draining" },
    "kvshift:credentials.application.active",
    "a, a slot that is draining",
    /name the live slot/,
  ],
  [
    "two live slots outside a rotation",
    { [`${SLOTS}.b`]: slot("live") },
    `${AT}.b.state`,
    "live, as the other slot is, outside a rotation",
    /to draining/,
  ],
  [
    "two live slots, b active",
    { [`${SLOTS}.b`]: slot("live"), "credentials.application.active": "b" },
    `${AT}.a.state`,
    "live, as the other slot is, outside a rotation",
    /to draining/,
  ],
  [
    "epoch 0 live",
    { [`${SLOTS}.a.epoch`]: 0 },
    `${AT}.a.epoch`,
    "0 in a slot that is live",
    /write the epoch of the slot's secret/,
  ],
  [
    "epoch 0 draining",
    { [`${SLOTS}.b`]: slot("draining", { epoch: 0 }) },
    `${AT}.b.epoch`,
    "0 in a slot that is draining",
    /write the epoch/,
  ],
  [
    "a live slot without mintedAt",
    { [`${SLOTS}.a.mintedAt`]: undefined },
    `${AT}.a.mintedAt`,
    "nothing in a slot that is live",
    'add mintedAt: "2027-11-23T00:00:00Z"',
  ],
  [
    "a live slot without expiresAt",
    { [`${SLOTS}.a.expiresAt`]: undefined },
    `${AT}.a.expiresAt`,
    "nothing in a slot that is live",
    'add expiresAt: "2027-11-23T00:00:00Z"',
  ],
  [
    "a draining slot without expiresAt",
    { [`${SLOTS}.b`]: { epoch: 1, state: "draining", mintedAt: "2026-12-01T00:00:00Z" } },
    `${AT}.b.expiresAt`,
    "nothing in a slot that is draining",
    /^add expiresAt/,
  ],
  [
    "a live slot that ends now",
    { [`${SLOTS}.a.expiresAt`]: isoSeconds(NOW) },
    `${AT}.a.expiresAt`,
    '"2027-01-01T00:00:00Z", which has passed, in a slot that is live',
    "rotate the credential of this role",
  ],
  [
    "a draining slot that has ended",
    { [`${SLOTS}.b`]: slot("draining", { expiresAt: "2026-12-31T23:59:59Z" }) },
    `${AT}.b.expiresAt`,
    '"2026-12-31T23:59:59Z", which has passed, in a slot that is draining',
    "set the slot to empty: its token has ended",
  ],
  [
    "a slot minted after its end",
    { [`${SLOTS}.a`]: slot("live", { mintedAt: "2027-12-02T00:00:00Z" }) },
    `${AT}.a.mintedAt`,
    '"2027-12-02T00:00:00Z", which is not before expiresAt',
    "correct mintedAt or expiresAt",
  ],
];

describe("rules about credentials", () => {
  it.each(BROKEN)("refuse %s, and nothing else", (_title, changes, at, found, fix) => {
    expect(problemsOf(changed(developmentValues(), changes))).toEqual([problemLike(at, found, fix)]);
  });

  it.each([
    ["both slots live in a rotation", { [`${SLOTS}.b`]: slot("live"), "credentials.application.rotation": "rotate-7" }],
    ["a draining slot beside the live one", { [`${SLOTS}.b`]: slot("draining") }],
    ["an empty slot that keeps its epoch", { [`${SLOTS}.b`]: { epoch: 9, state: "empty" } }],
    [
      "an empty slot that keeps dates of the past",
      { [`${SLOTS}.b`]: slot("empty", { expiresAt: "2026-12-02T00:00:00Z" }) },
    ],
    ["a slot that ends in a second", { [`${SLOTS}.a.expiresAt`]: isoSeconds(NOW + 1000) }],
    ["every address outside production", { "credentials.operator.allowedIps": ["0.0.0.0/0"] }],
  ])("allow %s", (_title, changes) => {
    expect(problemsOf(changed(developmentValues(), changes))).toEqual([]);
  });

  it.each<Case>([
    ["no end", { [`${SLOTS}.a.expiresAt`]: "never" }, `${AT}.a.expiresAt`, '"never" in production', /^write a date/],
    [
      "a missing end",
      { [`${SLOTS}.a.expiresAt`]: undefined },
      `${AT}.a.expiresAt`,
      "nothing in a slot that is live",
      /^add expiresAt/,
    ],
    [
      "no networks",
      { "credentials.operator.allowedIps": undefined },
      "kvshift:credentials.operator.allowedIps",
      "nothing in production",
      /^add allowedIps: the outbound addresses/,
    ],
    [
      "every IPv4 address",
      { "credentials.operator.allowedIps": ["10.0.0.0/8", "0.0.0.0/0"] },
      "kvshift:credentials.operator.allowedIps[1]",
      '"0.0.0.0/0", more than a 256th of all addresses',
      /^name the outbound addresses/,
    ],
    [
      "every IPv6 address",
      { "credentials.operator.allowedIps": ["::/0"] },
      "kvshift:credentials.operator.allowedIps[0]",
      '"::/0", more than a 256th of all addresses',
      /^name the outbound addresses/,
    ],
    [
      "half of all addresses",
      { "credentials.operator.allowedIps": ["203.0.113.10/32", "128.0.0.0/1"] },
      "kvshift:credentials.operator.allowedIps[1]",
      '"128.0.0.0/1", more than a 256th of all addresses',
      /^name the outbound addresses/,
    ],
    [
      "much in small pieces",
      { "credentials.operator.allowedIps": ["10.0.0.0/9", "11.0.0.0/9", "12.0.0.0/16", "203.0.113.10/32"] },
      "kvshift:credentials.operator.allowedIps",
      "together, more than a 256th of all addresses",
      /^name the outbound addresses/,
    ],
  ])("refuse %s in production", (_title, changes, at, found, fix) => {
    expect(problemsOf(changed(productionValues(), changes), IN_PRODUCTION)).toEqual([problemLike(at, found, fix)]);
  });

  it("take a token name of 120 characters and refuse one of 121", () => {
    const longest = "a".repeat(120 - "-dev-application-a1".length);
    expect(problemsOf(change(developmentValues(), "app", longest))).toEqual([]);
    expect(problemsOf(change(developmentValues(), "app", `${longest}a`))).toMatchObject([
      { at: "kvshift:app", found: "a token name of 121 characters", fix: "shorten app" },
    ]);
  });
});
