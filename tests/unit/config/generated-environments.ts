import * as fc from "fast-check";
import { stringify } from "yaml";

import { areTooWide } from "../../../src/config/formats.ts";

/** The moment at which the generated configurations are read. */
export const NOW = Date.parse("2027-01-01T00:00:00Z");

const HEX = "0123456789abcdef";
const BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz";
const text = (alphabet: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length });

const name = (maxLength: number) =>
  fc
    .tuple(
      fc.constantFrom(...BASE36.slice(10)),
      fc.string({ unit: fc.constantFrom(...BASE36, "-"), maxLength: maxLength - 1 }),
    )
    .map(([first, rest]) => first + rest);

const isoBetween = (from: string, to: string) =>
  fc
    .integer({ min: Date.parse(from) / 1000, max: Date.parse(to) / 1000 })
    .map((seconds) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z"));

const past = isoBetween("2020-01-01T00:00:00Z", "2026-12-31T23:59:59Z");
const future = isoBetween("2027-01-01T00:00:01Z", "2037-01-01T00:00:00Z");

// So long that a list of them is not too wide for production; IPv4 in IPv6 would be shorter than it looks.
export const cidr = fc
  .oneof(
    fc.tuple(fc.ipV4(), fc.integer({ min: 14, max: 32 })).map(([address, prefix]) => `${address}/${String(prefix)}`),
    fc.tuple(fc.ipV6(), fc.integer({ min: 14, max: 128 })).map(([address, prefix]) => `${address}/${String(prefix)}`),
  )
  .filter((network) => !areTooWide([network]));

function withoutUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

const strong = fc
  .record(
    {
      defaultTtlSeconds: fc.integer({ min: 1, max: 10_000_000 }),
      maximumAbove: fc.nat(10_000_000),
      shards: fc.integer({ min: 1, max: 256 }),
    },
    { requiredKeys: ["defaultTtlSeconds"] },
  )
  .map(({ defaultTtlSeconds, maximumAbove, shards }) =>
    withoutUndefined({
      consistency: "strong",
      shards,
      defaultTtlSeconds,
      maxTtlSeconds: maximumAbove === undefined ? undefined : defaultTtlSeconds + maximumAbove,
    }),
  );

const eventual = fc
  .record(
    {
      defaultTtlSeconds: fc.integer({ min: 60, max: 10_000_000 }),
      maximumAbove: fc.nat(10_000_000),
      cacheTtlSeconds: fc.integer({ min: 30, max: 86_400 }),
      budgetAbove: fc.nat(86_400),
    },
    { requiredKeys: ["defaultTtlSeconds"] },
  )
  .map(({ defaultTtlSeconds, maximumAbove, cacheTtlSeconds, budgetAbove }) =>
    withoutUndefined({
      consistency: "eventual",
      defaultTtlSeconds,
      maxTtlSeconds: maximumAbove === undefined ? undefined : defaultTtlSeconds + maximumAbove,
      cacheTtlSeconds,
      stalenessBudgetSeconds: budgetAbove === undefined ? undefined : (cacheTtlSeconds ?? 60) + budgetAbove,
    }),
  );

const place = {
  workersSubdomain: name(20).filter((text) => !text.endsWith("-")),
  locationHint: fc.constantFrom("wnam", "weur", "oc", "me"),
};
const zone = { hostname: name(20).map((label) => `x${label}x.example.com`), zoneId: text(HEX, 32) };

/** Access, where the gateway is, and namespaces of the classes that the access has. */
const access = fc.oneof(
  fc.record({
    access: fc.constant("rest"),
    gateway: fc.constant({}),
    namespaces: fc.dictionary(name(20), eventual, { minKeys: 1, maxKeys: 4 }),
  }),
  fc.record({
    access: fc.constant("gateway"),
    gateway: fc.oneof(fc.record(place, { requiredKeys: ["workersSubdomain"] }), fc.record(zone)),
    namespaces: fc.dictionary(name(20), fc.oneof(eventual, strong), { minKeys: 1, maxKeys: 4 }),
  }),
);

const used = (state: "live" | "draining", production: boolean) =>
  fc.record({
    epoch: fc.integer({ min: 1, max: 9999 }),
    state: fc.constant(state),
    mintedAt: past,
    expiresAt: production ? future : fc.oneof(future, fc.constant("never")),
  });

const empty = fc.record({ epoch: fc.nat(9999), state: fc.constant("empty") });

const role = (production: boolean) =>
  fc
    .record({
      active: fc.constantFrom("a", "b"),
      live: used("live", production),
      other: fc.oneof(empty, used("draining", production), used("live", production)),
      rotation: fc.option(text(BASE36, 8), { nil: undefined }),
      allowedIps: fc.uniqueArray(cidr, { minLength: 1, maxLength: 3 }),
      limited: fc.boolean(),
    })
    .map(({ active, live, other, rotation, allowedIps, limited }) =>
      withoutUndefined({
        active,
        rotation: rotation ?? (other.state === "live" ? "rotate-1" : undefined),
        allowedIps: production || limited ? allowedIps : undefined,
        slots: active === "a" ? { a: live, b: other } : { a: other, b: live },
      }),
    );

export interface GeneratedEnvironment {
  readonly environment: string;
  readonly values: Record<string, unknown>;
}

const upstash = fc.record({
  restUrl: name(20).map((host) => `https://${host}.upstash.io`),
  restToken: text(BASE36, 12).map((cipher) => ({ secure: `v1:${cipher}` })),
});

const phase = fc.oneof(
  fc.record({ phase: fc.constantFrom("redis", "dual"), upstash }),
  fc.record({ phase: fc.constant("dual"), upstash, readShare: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ phase: fc.constant("kv"), upstash }, { requiredKeys: ["phase"] }),
);

const ofKind = (kind: "development" | "production" | "preview"): fc.Arbitrary<GeneratedEnvironment> =>
  fc
    .record({
      environment:
        kind === "preview"
          ? fc.integer({ min: 1, max: 99_999 }).map((number) => `pr-${String(number)}`)
          : name(8).filter((text) => !text.endsWith("-")),
      app: name(40),
      step: phase,
      accountId: text(HEX, 32),
      reached: access,
      ownerId: text(BASE36, 20).map((id) => `tea-${id}`),
      services: fc.uniqueArray(
        text(BASE36, 20).map((id) => `srv-${id}`),
        { minLength: 1, maxLength: 3 },
      ),
      application: role(kind === "production"),
      operator: role(kind === "production"),
    })
    .map(({ environment, app, step, accountId, reached, ownerId, services, application, operator }) => ({
      environment,
      values: {
        kind,
        app,
        access: reached.access,
        ...step,
        cloudflare: { accountId, ...reached.gateway },
        // Ordinary objects: a dictionary of fast-check has no prototype.
        namespaces: { ...reached.namespaces },
        render: { ownerId, services },
        credentials: { application, operator },
      },
    }));

/** Configurations of every kind and phase without problems. */
export const validEnvironment = fc.oneof(ofKind("development"), ofKind("production"), ofKind("preview"));

/** The values as `Pulumi.<environment>.yaml`: all text in quotes, numbers plain. */
export function asFile({ values }: GeneratedEnvironment): string {
  const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`kvshift:${key}`, value]));
  return stringify({ config }, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" });
}
