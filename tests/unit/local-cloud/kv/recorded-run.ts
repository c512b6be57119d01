import * as fc from "fast-check";

import { type Network, simulate } from "./simulated-network.ts";

export const LOCATIONS = ["ams", "sin", "lax"] as const;
export const KEYS = ["a", "b"] as const;
export const DEFAULT_CACHE_TTL = 60;

type Location = (typeof LOCATIONS)[number];
type Key = (typeof KEYS)[number];

type Reading = { readonly location: Location; readonly key: Key; readonly cacheTtl: number };
type Step =
  | { readonly type: "put"; readonly location: Location; readonly key: Key; readonly ttl: number | undefined }
  | { readonly type: "delete"; readonly location: Location; readonly key: Key }
  | ({ readonly type: "read" } & Reading)
  | { readonly type: "bulkRead"; readonly location: Location; readonly cacheTtl: number }
  | { readonly type: "advance"; readonly milliseconds: number };

/** An accepted write. Times are in milliseconds since the epoch. */
interface Write {
  readonly location: Location;
  /** Each put has its own, so that a value names its write; `null`: deleted. */
  readonly value: string | null;
  readonly acceptedAt: number;
  readonly endsAt: number;
}

/** What a read gave, with the writes that it may have come from, by their place in the order of acceptance. */
interface Observation extends Reading {
  readonly at: number;
  readonly value: string | null;
  /** -1 stands for the time before the first write. */
  readonly candidates: readonly number[];
  /** The newest write of the same location. */
  readonly newestOwn: number;
  /** For how long the newest of the candidates had been overwritten; 0 if it was not. */
  readonly stalenessMs: number;
}

const location = fc.constantFrom(...LOCATIONS);
const key = fc.constantFrom(...KEYS);
const cacheTtl = fc.constantFrom(30, 31, DEFAULT_CACHE_TTL, 61, 300);
// The edges of the clock's second, of the caches and of expiry among them.
const milliseconds = fc.oneof(
  fc.constantFrom(1, 999, 1000, 1001, 29_999, 30_000, 59_999, 60_000),
  fc.integer({ min: 1, max: 5000 }),
  fc.integer({ min: 1, max: 90_000 }),
);
/** A read of one key at one location. */
export const readStep = fc.record({ type: fc.constant("read" as const), location, key, cacheTtl });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("put" as const),
      location,
      key,
      ttl: fc.option(fc.integer({ min: 60, max: 150 }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("delete" as const), location, key }) },
  { weight: 5, arbitrary: readStep },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("bulkRead" as const), location, cacheTtl }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("advance" as const), milliseconds }) },
);

/** Calls at several locations, in any order and at any time. */
export const run = fc.record({
  seed: fc.string({ minLength: 1, maxLength: 8 }),
  propagation: fc
    .tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: 40_000 }))
    .map(([a, b]) => ({ minMs: Math.min(a, b), maxMs: Math.max(a, b) })),
  steps: fc.array(step, { minLength: 5, maxLength: 60 }),
});
type Run = typeof run extends fc.Arbitrary<infer Value> ? Value : never;

/** A run of the simulation beside the record of what was written. */
class Recorded {
  readonly network: Network;
  readonly observations: Observation[] = [];
  readonly outcomes: { readonly taken: Step; readonly outcome: string; readonly expected: string }[] = [];
  readonly #writes: Record<Key, Write[]> = { a: [], b: [] };
  #values = 0;

  constructor({ seed, propagation }: Run) {
    this.network = simulate({ seed, propagation, locations: LOCATIONS, listLag: "default" });
  }

  async take(taken: Step): Promise<void> {
    const { clock, kv } = this.network;
    switch (taken.type) {
      case "put":
      case "delete":
        return this.#write(taken);
      case "read": {
        const value = await this.network.read(taken.location, taken.key, taken.cacheTtl);
        this.#observe(taken, value);
        return;
      }
      case "bulkRead": {
        const { cacheTtl } = taken;
        const found = await kv.at(taken.location).getWithMetadata(KEYS, { type: "text", cacheTtl });
        for (const key of KEYS) this.#observe({ ...taken, key }, found.get(key)?.value ?? null);
        return;
      }
      case "advance":
        clock.advance(taken.milliseconds);
        return;
      default:
        throw new Error("a step without a meaning", { cause: taken satisfies never });
    }
  }

  /** What everybody has to see when nothing was written for long enough. */
  lastValueOf(key: Key): string | null {
    const last = this.#writes[key].at(-1);
    return last === undefined || last.endsAt <= this.network.clock.now() ? null : last.value;
  }

  async #write(taken: Extract<Step, { type: "put" | "delete" }>): Promise<void> {
    const { clock, remove, write } = this.network;
    const now = clock.now();
    const { location, key } = taken;
    const writes = this.#writes[key];
    const isTooSoon = now - (writes.at(-1)?.acceptedAt ?? Number.NEGATIVE_INFINITY) < 1000;
    this.#values += 1;
    const value = taken.type === "delete" ? null : `value ${this.#values}`;
    const ttl = taken.type === "delete" ? undefined : taken.ttl;
    const call =
      value === null
        ? remove(location, key)
        : write(location, key, value, ttl === undefined ? {} : { expirationTtl: ttl });
    const outcome = await call.then(
      () => "accepted",
      (error: Error) => error.message.replace(/^KV (PUT|DELETE) failed: /, ""),
    );
    this.outcomes.push({ taken, outcome, expected: isTooSoon ? "429 Too Many Requests" : "accepted" });
    if (isTooSoon) return;
    const endsAt = ttl === undefined ? Number.POSITIVE_INFINITY : (Math.floor(now / 1000) + ttl) * 1000;
    writes.push({ location, value, acceptedAt: now, endsAt });
  }

  #observe({ location, key, cacheTtl }: Reading, value: string | null): void {
    const at = this.network.clock.now();
    const writes = this.#writes[key];
    const isExplainedBy = (write: Write) => (write.endsAt <= at ? value === null : value === write.value);
    const candidates = [...writes.keys()].filter((index) => isExplainedBy(writes[index] as Write));
    if (value === null) candidates.unshift(-1);
    const overwrittenAt = writes[(candidates.at(-1) ?? Number.NaN) + 1]?.acceptedAt ?? at;
    this.observations.push({
      at,
      location,
      key,
      cacheTtl,
      value,
      candidates,
      newestOwn: writes.findLastIndex((write) => write.location === location),
      stalenessMs: at - overwrittenAt,
    });
  }
}

/** Takes the steps one after the other. */
export async function record(taken: Run): Promise<Recorded> {
  const recorded = new Recorded(taken);
  for (const one of taken.steps) await recorded.take(one);
  return recorded;
}
