import * as fc from "fast-check";

import type { Consistency, EnvironmentKind } from "../../../../src/core/names.ts";
import type { Answers } from "../../../../src/flows/init/answers.ts";
import { cidr } from "../../config/generated-environments.ts";

/** The moment at which the generated environments are made. */
export const NOW = Date.parse("2027-01-01T00:00:00.123Z");

const HEX = "0123456789abcdef";
const BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz";
/** Names that some reader of YAML takes for something else than text. */
const TREACHEROUS = ["y", "n", "no", "on", "off", "yes", "null", "true", "false", "e1", "x-", "a--b"];

const text = (alphabet: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length });
const name = fc.oneof(
  fc.constantFrom(...TREACHEROUS),
  fc
    .tuple(fc.constantFrom(...BASE36.slice(10)), fc.string({ unit: fc.constantFrom(...BASE36, "-"), maxLength: 12 }))
    .map(([first, rest]) => first + rest),
);
const namespacesOf = (consistency: Consistency) =>
  fc
    .dictionary(name, fc.integer({ min: 60, max: 99_999_999 }), { minKeys: 1, maxKeys: 4 })
    .map((ttls) => Object.entries(ttls).map(([name, ttl]) => ({ name, consistency, defaultTtlSeconds: ttl })));
const reached = fc.oneof(
  fc.record({ access: fc.constant("rest" as const), namespaces: namespacesOf("eventual") }),
  fc.record({
    access: fc.constant("gateway" as const),
    namespaces: fc.oneof(namespacesOf("eventual"), namespacesOf("strong")),
    workersSubdomain: fc.oneof(fc.constantFrom("on", "no", "1e5", "7"), text(BASE36, 6)),
  }),
  fc.record({
    access: fc.constant("gateway" as const),
    namespaces: namespacesOf("strong"),
    hostname: fc.record({ name: text(BASE36, 6).map((label) => `${label}.example.com`), zoneId: text(HEX, 32) }),
  }),
);
const step = fc.oneof(
  fc.constant({ phase: "kv" as const }),
  fc.record({
    phase: fc.constantFrom("redis" as const, "dual" as const),
    upstashUrl: fc.webUrl({ validSchemes: ["https"] }),
  }),
);

const ofKind = (kind: EnvironmentKind) =>
  fc
    .record({
      environment:
        kind === "preview"
          ? fc.integer({ min: 1, max: 99_999 }).map((number) => `pr-${String(number)}`)
          : fc.oneof(text(BASE36, 6), fc.constantFrom("on", "1", "2027-01-01", "0x10")),
      app: name,
      step,
      accountId: text(HEX, 32),
      ownerId: text(BASE36, 20).map((id) => `tea-${id}`),
      services: fc.uniqueArray(
        text(BASE36, 20).map((id) => `srv-${id}`),
        { minLength: 1, maxLength: 3 },
      ),
      environmentId: fc.option(
        text(BASE36, 20).map((id) => `evm-${id}`),
        { nil: undefined },
      ),
      reached,
      allowedIps: fc.uniqueArray(cidr, { minLength: kind === "production" ? 1 : 0, maxLength: 3 }),
      operatorIps: fc.uniqueArray(cidr, { minLength: kind === "production" ? 1 : 0, maxLength: 3 }),
      expiresInDays: fc.oneof(
        fc.integer({ min: 1, max: 3650 }),
        ...(kind === "production" ? [] : [fc.constant("never" as const)]),
      ),
    })
    .map(({ step, environmentId, reached, ...answers }): Answers => {
      const place = environmentId === undefined ? {} : { environmentId };
      return { ...answers, ...step, ...place, ...reached, kind };
    });

/** Answers of every kind and phase that make an environment. */
export const validAnswers = fc.oneof(ofKind("development"), ofKind("production"), ofKind("preview"));

const odd = fc.oneof(name, fc.string({ unit: "binary", maxLength: 20 }), fc.constantFrom("", "__proto__", "a: b", "#"));

/** Answers of the right types that may be anything. */
export const anyAnswers: fc.Arbitrary<Answers> = fc
  .tuple(
    validAnswers,
    fc.record(
      {
        environment: odd,
        kind: fc.constantFrom<EnvironmentKind>("development", "production", "preview"),
        app: odd,
        accountId: odd,
        ownerId: odd,
        services: fc.array(odd, { maxLength: 3 }),
        environmentId: odd,
        // A name stands once: the command line sees to that.
        namespaces: fc.uniqueArray(
          fc.record({
            name: odd,
            consistency: fc.constantFrom("eventual" as const, "strong" as const),
            defaultTtlSeconds: fc.integer(),
          }),
          { maxLength: 3, selector: ({ name }) => name },
        ),
        allowedIps: fc.array(odd, { maxLength: 2 }),
        upstashUrl: odd,
      },
      { requiredKeys: [] },
    ),
  )
  .map(([answers, change]) => ({ ...answers, ...change }));
