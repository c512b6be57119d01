import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { checkEnvironment, parseEnvironment } from "../../src/config/parse.ts";
import { formatPath, isMapping } from "../../src/config/path.ts";
import { NOW, validEnvironment } from "../unit/config/generated-environments.ts";
import { campaign } from "../support/campaign.ts";

const encrypted = (environment: string) => ({ environment, now: NOW, secrets: "encrypted" }) as const;

/** Every number as text, as Pulumi leaves it behind when it rewrites a file. */
function numbersAsText(value: unknown): unknown {
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return value.map(numbersAsText);
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, numbersAsText(item)]));
}

type Steps = readonly string[];

/** What breaks a valid configuration: where, and the value there; `undefined` removes the key. */
const MUTATIONS: readonly (readonly [path: Steps, value: unknown])[] = [
  ...["kind", "app", "access", "phase", "cloudflare", "namespaces", "render", "credentials"].flatMap((key) => [
    [[key], undefined] as const,
    [[key], null] as const,
    [[key], 7] as const,
    [[key], ""] as const,
  ]),
  [["unknown"], "x"],
  [["access"], "gatway"],
  [["app"], "Upper"],
  [["readShare"], 101],
  [["readShare"], "50"],
  [["cloudflare", "accountId"], "short"],
  [["cloudflare", "acountId"], "x"],
  [["cloudflare", "hostname"], "no spaces.example.com"],
  [["namespaces", "Bad"], { consistency: "eventual", defaultTtlSeconds: 60 }],
  [["namespaces", "*", "shards"], 257],
  [["cloudflare", "locationHint"], "moon"],
  [["namespaces", "*", "consistency"], "sometimes"],
  [["namespaces", "*", "defaultTtlSeconds"], 0],
  [["namespaces", "*", "defaultTtlSeconds"], undefined],
  [["namespaces", "*", "maxTtlSeconds"], 0],
  [["namespaces", "*", "cacheTtlSeconds"], 29],
  [["namespaces", "*", "ttl"], 60],
  [["render", "ownerId"], "usr-1"],
  [["render", "services"], []],
  [["render", "services"], "srv-1"],
  [["upstash"], "https://example.com"],
  [["upstash"], { restUrl: "https://example.com", restToken: "fake" }],
  ...["application", "operator"].flatMap((role) => [
    [["credentials", role], undefined] as const,
    [["credentials", role, "active"], "c"] as const,
    [["credentials", role, "rotation"], "a b"] as const,
    [["credentials", role, "allowedIps"], []] as const,
    [["credentials", role, "slots", "a"], undefined] as const,
    [["credentials", role, "slots", "b", "state"], "gone"] as const,
    [["credentials", role, "slots", "a", "epoch"], -1] as const,
    [["credentials", role, "slots", "a", "mintedAt"], "2026-01-01"] as const,
    [["credentials", role, "slots", "b", "expiresAt"], "soon"] as const,
  ]),
];

/** Applies a mutation to a copy; `*` stands for the first key there. */
function mutated(values: Record<string, unknown>, steps: Steps, value: unknown) {
  const copy = structuredClone(values);
  const path: string[] = [];
  let target: Record<string, unknown> = copy;
  for (const [index, step] of steps.entries()) {
    const key = step === "*" ? (Object.keys(target)[0] ?? "") : step;
    path.push(key);
    const inner = target[key];
    if (index === steps.length - 1) {
      if (value === undefined) delete target[key];
      else target[key] = value;
    } else if (isMapping(inner)) target = inner;
  }
  return { copy, path };
}

describe("parsing a configuration", () => {
  it("takes every valid configuration as it is", () => {
    fc.assert(
      fc.property(validEnvironment, ({ environment, values }) => {
        expect(parseEnvironment(values, encrypted(environment))).toEqual(values);
      }),
    );
  });

  it("takes numbers as text where Pulumi hands over the values, and only there", () => {
    fc.assert(
      fc.property(validEnvironment, ({ environment, values }) => {
        const kept = Object.entries(values).filter(([key]) => key !== "upstash" && key !== "readShare");
        const plain: Record<string, unknown> = { ...Object.fromEntries(kept), phase: "kv" };
        const asText = Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, numbersAsText(item)]));
        expect(parseEnvironment(asText, { ...encrypted(environment), secrets: "decrypted" })).toEqual(plain);
        expect(checkEnvironment(asText, encrypted(environment)).problems.length).toBeGreaterThan(0);
      }),
    );
  });

  it("names the key of any one breaking change", () => {
    fc.assert(
      fc.property(validEnvironment, fc.constantFrom(...MUTATIONS), ({ environment, values }, [steps, value]) => {
        const { copy, path } = mutated(values, steps, value);
        const named = checkEnvironment(copy, encrypted(environment)).problems.map((problem) =>
          formatPath(problem.path),
        );
        const key = formatPath(path);
        expect(
          named.filter((place) => place === key || place.startsWith(`${key}.`) || place.startsWith(`${key}[`)),
        ).not.toEqual([]);
      }),
      { numRuns: campaign(1000) },
    );
  });
});
