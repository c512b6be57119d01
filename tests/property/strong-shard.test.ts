import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Shard } from "../../src/gateway/strong/shard.ts";
import { campaign } from "../support/campaign.ts";
import { NodeSql } from "../support/node-sql.ts";
import { ManualClock } from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";

const START = Date.parse("2026-11-23T00:00:00.000Z");
/** Larger than one row takes, so that an entry has several. */
const LARGE = 1024 * 1024 + 1;
const MEMORY_MS = 30_000;
const ANSWERS_MS = 600_000;

type Step =
  | {
      readonly kind: "put";
      readonly key: string;
      readonly large: boolean;
      readonly expiry: { ttlSeconds: number } | { atSeconds: number } | undefined;
    }
  | { readonly kind: "touch"; readonly key: string; readonly ttlSeconds: number | undefined }
  | { readonly kind: "delete"; readonly key: string }
  | { readonly kind: "pass"; readonly milliseconds: number }
  | { readonly kind: "clean" };

const key = fc.constantFrom("a", "b", "c\u0000", "𝒟");
const seconds = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 5 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60, max: 700 }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("put" as const),
    key,
    large: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0),
    expiry: fc.option(
      fc.oneof(
        seconds.map((ttlSeconds) => ({ ttlSeconds })),
        seconds.map((ahead) => ({ atSeconds: START / 1000 + ahead })),
      ),
      { nil: undefined },
    ),
  }),
  fc.record({ kind: fc.constant("touch" as const), key, ttlSeconds: fc.option(seconds, { nil: undefined }) }),
  fc.record({ kind: fc.constant("delete" as const), key }),
  fc.record({
    kind: fc.constant("pass" as const),
    // To the millisecond before an end, to the end, or anywhere.
    milliseconds: fc.oneof(
      fc.constantFrom(1, 999, 1000),
      fc.integer({ min: 0, max: 8000 }),
      fc.constantFrom(MEMORY_MS, ANSWERS_MS),
    ),
  }),
  fc.constant({ kind: "clean" as const }),
);

function createShard() {
  const clock = new ManualClock(START);
  const sql = new NodeSql();
  let alarm: number | undefined;
  const wakeAt = (time: number) => {
    alarm = Math.min(alarm ?? Infinity, time);
  };
  const shard = new Shard({ sql, clock, alarm: { wakeAt } });
  const rows = (table: string) => Number(sql.run(`SELECT count(*) AS n FROM ${table}`)[0]?.["n"]);
  const ring = () => {
    alarm = undefined;
    shard.clean();
  };
  return { shard, clock, rows, ring, alarmAt: () => alarm };
}

describe("an object of a strong namespace", () => {
  test("shows every entry until the millisecond in which it ends, and no longer", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { shard, clock } = createShard();
        const expected = new Map<string, { size: number; end: number }>();
        for (const [index, done] of steps.entries()) {
          const now = clock.now();
          const operation = { id: index.toString(16).padStart(16, "0"), isRepeat: false };
          const living = "key" in done && (expected.get(done.key)?.end ?? 0) > now ? expected.get(done.key) : undefined;
          if (done.kind === "put") {
            const value = new Uint8Array(done.large ? LARGE : 3).fill(index);
            shard.put({ key: done.key, value, metadata: undefined, expiry: done.expiry }, operation);
            expected.set(done.key, { size: value.byteLength, end: endOf(done.expiry, now) });
          } else if (done.kind === "touch") {
            const expiry = done.ttlSeconds === undefined ? undefined : { ttlSeconds: done.ttlSeconds };
            const result = shard.atomic({ kind: "touch", key: done.key, expiry }, `touch-${String(index)}`);
            expect(result).toMatchObject({ answer: { applied: living !== undefined } });
            if (living !== undefined) expected.set(done.key, { ...living, end: endOf(expiry, now) });
          } else if (done.kind === "delete") {
            shard.delete(done.key, operation);
            expected.delete(done.key);
          } else if (done.kind === "pass") {
            clock.advance(done.milliseconds);
          } else {
            shard.clean();
          }
          const alive = [...expected].filter(([, { end }]) => end > clock.now());
          const shown = ["a", "b", "c\u0000", "𝒟"].flatMap((name) => {
            const stored = shard.get(name);
            return stored === undefined
              ? []
              : [[name, { size: stored.value.byteLength, end: stored.expiresAt ?? Infinity }] as const];
          });
          expect(new Map(shown)).toEqual(new Map(alive.map(([name, { size, end }]) => [name, { size, end }])));
          const { entries } = shard.list({ prefix: "", after: undefined, limit: 10 });
          expect(entries.map((entry) => entry.key)).toEqual(alive.map(([name]) => name).toSorted());
        }
      }),
      { numRuns: campaign(150) },
    );
  });

  test("has removed every row of what ended when its alarms have rung, and none of what lives", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { shard, clock, rows, ring, alarmAt } = createShard();
        for (const [index, done] of steps.entries()) {
          const operation = { id: index.toString(16).padStart(16, "0"), isRepeat: false };
          if (done.kind === "put") {
            shard.put(
              {
                key: done.key,
                value: new Uint8Array(done.large ? LARGE : 3),
                metadata: undefined,
                expiry: done.expiry,
              },
              operation,
            );
          } else if (done.kind === "delete") {
            shard.delete(done.key, operation);
          } else if (done.kind === "pass") {
            clock.advance(done.milliseconds);
          }
        }
        // It sleeps until its alarm rings, as often as it asks to be woken.
        for (let rung = 0; alarmAt() !== undefined; rung += 1) {
          expect(rung).toBeLessThan(100);
          clock.advance(Math.max(0, (alarmAt() ?? 0) - clock.now()));
          ring();
        }
        const { entries } = shard.list({ prefix: "", after: undefined, limit: 10 });
        expect(rows("entries")).toBe(entries.length);
        const large = entries.filter((entry) => (shard.get(entry.key)?.value.byteLength ?? 0) === LARGE).length;
        expect(rows("parts")).toBe(large * 2);
        expect(entries.every(({ expiresAt }) => expiresAt === undefined)).toBe(true);
      }),
      { numRuns: campaign(100) },
    );
  });

  test("forgets the answers of atomic operations after ten minutes", () => {
    const { shard, clock, rows } = createShard();
    const increment = () => shard.atomic({ kind: "increment", key: "n", by: 1, expiry: undefined }, "operation-1");
    const first = increment();
    clock.advance(ANSWERS_MS - 1);
    expect(increment()).toEqual(first);
    clock.advance(1);
    shard.clean();
    expect(rows("operations")).toBe(0);
    expect(increment()).toMatchObject({ answer: { value: 2 } });
  });
});

function endOf(expiry: { ttlSeconds: number } | { atSeconds: number } | undefined, now: number): number {
  if (expiry === undefined) return Infinity;
  return "ttlSeconds" in expiry ? now + expiry.ttlSeconds * 1000 : expiry.atSeconds * 1000;
}
