import { expect } from "vitest";

import type { CheckContext } from "../../../src/config/check.ts";
import { checkEnvironment } from "../../../src/config/parse.ts";
import { formatPath, isMapping } from "../../../src/config/path.ts";

export const NOW = Date.parse("2027-01-01T00:00:00Z");
export const IN_DEVELOPMENT: CheckContext = { environment: "dev", now: NOW, secrets: "encrypted" };
export const IN_PRODUCTION: CheckContext = { environment: "prod", now: NOW, secrets: "encrypted" };

const liveSlot = (expiresAt: string) => ({ epoch: 1, state: "live", mintedAt: "2026-11-23T00:00:00Z", expiresAt });
const emptySlot = () => ({ epoch: 0, state: "empty" });

const endless = () => ({ active: "a", slots: { a: liveSlot("never"), b: emptySlot() } });
const limited = (network: string) => ({
  active: "a",
  allowedIps: [network],
  slots: { a: liveSlot("2027-11-23T00:00:00Z"), b: emptySlot() },
});

/** The values of a development environment without problems, new each time. */
export function developmentValues(): Record<string, unknown> {
  return {
    kind: "development",
    app: "brainbot",
    access: "rest",
    phase: "kv",
    cloudflare: { accountId: "0d3a".repeat(8) },
    namespaces: {
      sessions: { consistency: "eventual", defaultTtlSeconds: 86400, maxTtlSeconds: 2592000 },
      cache: { consistency: "eventual", defaultTtlSeconds: 3600, cacheTtlSeconds: 60, stalenessBudgetSeconds: 120 },
    },
    render: { ownerId: "tea-d0000000000000000001", services: ["srv-d0000000000000000001"] },
    credentials: { application: endless(), operator: endless() },
  };
}

/** The values of a production environment without problems, new each time. */
export function productionValues(): Record<string, unknown> {
  return {
    ...developmentValues(),
    kind: "production",
    credentials: { application: limited("203.0.113.10/32"), operator: limited("2001:db8::20/128") },
  };
}

export const upstash = () => ({ restUrl: "https://example-12345.upstash.io", restToken: { secure: "v1:fake:fake" } });

/** Sets what stands at `path`, such as `render.services.0`; `undefined` removes it. */
export function change(values: Record<string, unknown>, path: string, value: unknown): Record<string, unknown> {
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  let target: unknown = values;
  for (const step of steps) target = isMapping(target) ? target[step] : undefined;
  if (Array.isArray(target)) target[Number(last)] = value;
  else if (!isMapping(target)) throw new Error(`nothing to change at ${path}`);
  else if (value === undefined) delete target[last];
  else target[last] = value;
  return values;
}

export function changed(values: Record<string, unknown>, changes: Readonly<Record<string, unknown>>) {
  return Object.entries(changes).reduce((result, [path, value]) => change(result, path, value), values);
}

export interface Found {
  readonly at: string;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}

/** The problems of `values`, with their paths as people read them. */
export function problemsOf(values: Record<string, unknown>, context: CheckContext = IN_DEVELOPMENT): Found[] {
  return checkEnvironment(values, context).problems.map(({ path, label, found, expected, fix }) => ({
    at: label ?? formatPath(path),
    found,
    expected,
    fix,
  }));
}

/** A row of a table of tests: title, what is changed, and where, what and how to fix it the one problem says. */
export type Case = readonly [
  title: string,
  changes: Readonly<Record<string, unknown>>,
  at: string,
  found: string,
  fix: string | RegExp,
];

/** What a problem must look like; a fix given as text is the whole fix. */
export function problemLike(at: string, found: string, fix: string | RegExp) {
  return {
    at,
    found,
    expected: expect.stringMatching(/\S/),
    fix: typeof fix === "string" ? fix : expect.stringMatching(fix),
  };
}
