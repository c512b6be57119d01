import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { SimulatedKv } from "../../local-cloud/kv/simulated-kv.ts";
import { bytes, type KvNamespace, KvError, kvFromBindings, type World } from "../../src/kv/index.ts";
import { type LoadedSession, sessionsIn } from "../../src/kv/sessions/index.ts";
import { campaign } from "../support/campaign.ts";
import { memoryKv } from "../support/memory-kv.ts";
import { seededRandom } from "../unit/local-cloud/kv/simulated-network.ts";

const LOCATIONS = ["ams", "sin", "gru"] as const;
const CACHE_TTL_SECONDS = 60;
const PROPAGATION_MS = 60_000;
const NEAR_TTL_SECONDS = 10;
/** What the model promises: no read is older. */
const BOUND_MS = CACHE_TTL_SECONDS * 1000 + PROPAGATION_MS;
const START = Date.parse("2026-11-23T00:00:00Z");

const STEP = fc.record({
  process: fc.nat(LOCATIONS.length - 1),
  key: fc.nat(1),
  kind: fc.constantFrom("get", "get", "get", "getMany", "put", "putMany", "delete", "wait"),
  waitMs: fc.oneof(fc.nat(3000), fc.nat(150_000)),
});
const HISTORY = fc.record({
  seed: fc.string({ minLength: 1 }),
  steps: fc.array(STEP, { minLength: 5, maxLength: 40 }),
});

/** One process at each location; versions of the library may differ: some have a near cache, some have none. */
function processes(seed: string, nearCaches: readonly boolean[], more: { readonly splitAboveBytes?: number } = {}) {
  let now = START;
  const clock = { now: () => now };
  const kv = new SimulatedKv({
    clock,
    random: seededRandom(seed),
    locations: LOCATIONS,
    propagation: { minMs: 0, maxMs: PROPAGATION_MS },
  });
  let ids = 0;
  const world: Partial<World> = {
    now: clock.now,
    random: () => 0.5,
    sleep: (milliseconds) => {
      now += milliseconds;
      return Promise.resolve();
    },
    uniqueId: () => {
      ids += 1;
      return String(ids).padStart(32, "0");
    },
  };
  const settings = {
    defaultTtlSeconds: 86_400,
    cacheTtlSeconds: CACHE_TTL_SECONDS,
    stalenessBudgetSeconds: BOUND_MS / 1000,
  };
  const opened = LOCATIONS.map((location, index) => {
    const all = kvFromBindings({ cache: { binding: kv.at(location), ...settings } }, { world });
    const nearCache = nearCaches[index] === true ? { nearCache: { ttlSeconds: NEAR_TTL_SECONDS } } : {};
    return {
      numbers: all.namespace<number>("cache", nearCache),
      blobs: all.namespace("cache", { ...nearCache, ...more, codec: bytes() }),
      values: all.namespace("cache", nearCache),
    };
  });
  const at = (index: number) => {
    const found = opened[index];
    if (found === undefined) throw new Error(`no process ${String(index)}`);
    return found;
  };
  return {
    at,
    now: clock.now,
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

/** A write that KV takes no more of within a second is no write. */
async function accepted(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof KvError && (error.code === "RATE_LIMITED" || error.code === "INCOMPLETE")) return false;
    throw error;
  }
}

/** How many reads went back behind a write of their own process. */
async function readsBehindOwnWrites(
  {
    seed,
    steps,
  }: { readonly seed: string; readonly steps: readonly (typeof STEP extends fc.Arbitrary<infer T> ? T : never)[] },
  clientOf: (
    namespace: KvNamespace<number>,
  ) => Pick<KvNamespace<number>, "get" | "getMany" | "put" | "putMany" | "delete">,
): Promise<number> {
  const world = processes(seed, [true, true, true]);
  const clients = LOCATIONS.map((_, index) => clientOf(world.at(index).numbers));
  let written = 0;
  let behind = 0;
  /** By process and key: the number of its last own write, negative for a delete. */
  const own = new Map<string, number>();
  for (const { process, key, kind, waitMs } of steps) {
    const client = clients[process];
    const [name, id] = [`key-${String(key)}`, `${String(process)}/${String(key)}`];
    if (client === undefined) continue;
    if (kind === "wait") world.wait(waitMs);
    else if (kind === "put" || kind === "putMany") {
      written += 1;
      const mine = written;
      const write = kind === "put" ? client.put(name, mine) : client.putMany([[name, mine]]);
      if (await accepted(write)) own.set(id, mine);
    } else if (kind === "delete") {
      written += 1;
      const mine = written;
      if (await accepted(client.delete(name))) own.set(id, mine);
    } else {
      const found = kind === "get" ? await client.get(name) : (await client.getMany([name])).get(name);
      const last = own.get(id);
      if (last !== undefined && found !== undefined && found < last) behind += 1;
    }
  }
  return behind;
}

describe("the library on a network that forgets nothing at once", () => {
  test("never reads behind a write of its own process, with a near cache", async () => {
    await fc.assert(
      fc.asyncProperty(HISTORY, async (history) => {
        expect(await readsBehindOwnWrites(history, (namespace) => namespace)).toBe(0);
      }),
      { numRuns: campaign(2000) },
    );
  });

  test("would, were it a client that keeps what it read and never what it wrote", async () => {
    let behind = 0;
    await fc.assert(
      fc.asyncProperty(HISTORY, async (history) => {
        behind += await readsBehindOwnWrites(history, naive);
      }),
      { numRuns: 300 },
    );
    expect(behind).toBeGreaterThan(0);
  });

  test("reads whole values or says that one has not arrived, never a mixture, where values are split", async () => {
    let whole = 0;
    await fc.assert(
      fc.asyncProperty(HISTORY, async ({ seed, steps }) => {
        const world = processes(seed, [true, false, false], { splitAboveBytes: 7 });
        let written = 0;
        for (const { process, key, kind, waitMs } of steps) {
          const { blobs } = world.at(process);
          const name = `key-${String(key)}`;
          if (kind === "wait") world.wait(waitMs);
          else if (kind === "put" || kind === "putMany") {
            written += 1;
            await accepted(blobs.put(name, new Uint8Array((written % 30) + 1).fill(written)));
          } else if (kind === "delete") await accepted(blobs.delete(name));
          else {
            const found = await blobs.get(name).catch((error: unknown) => {
              if (error instanceof KvError && error.code === "PART_MISSING") return undefined;
              throw error;
            });
            if (found === undefined) continue;
            whole += 1;
            const [first = 0] = found;
            expect({ length: found.length, mixed: found.some((byte) => byte !== first) }).toEqual({
              length: (first % 30) + 1,
              mixed: false,
            });
          }
        }
      }),
      { numRuns: campaign(2000) },
    );
    expect(whole).toBeGreaterThan(100);
  });

  const SESSION_STEP = fc.record({
    process: fc.nat(LOCATIONS.length - 1),
    kind: fc.constantFrom("load", "load", "save", "touch", "destroy", "wait"),
    waitMs: fc.oneof(fc.nat(3000), fc.nat(150_000)),
  });
  const SESSIONS = fc.record({
    seed: fc.string({ minLength: 1 }),
    steps: fc.array(SESSION_STEP, { minLength: 5, maxLength: 40 }),
  });
  type SessionHistory = typeof SESSIONS extends fc.Arbitrary<infer T> ? T : never;

  interface SessionClient {
    load(id: string): Promise<object | undefined>;
    save(id: string, data: Record<string, unknown>, ttlSeconds: number, base?: object): Promise<unknown>;
    touch(id: string, ttlSeconds: number): Promise<unknown>;
    destroy(id: string): Promise<void>;
  }

  /** How many loads gave a session later after its end than the model allows. */
  async function late(
    { seed, steps }: SessionHistory,
    clientOf: (values: KvNamespace) => SessionClient,
  ): Promise<number> {
    const world = processes(seed, [false, true, false]);
    const clients = LOCATIONS.map((_, index) => clientOf(world.at(index).values));
    const bases: (object | undefined)[] = [];
    let destroyedAt: number | undefined;
    let count = 0;
    await clients[0]?.save("id", { made: true }, 86_400);
    for (const [index, { process, kind, waitMs }] of steps.entries()) {
      const client = clients[process];
      if (client === undefined) continue;
      // One key takes one write a second.
      world.wait(1001);
      const quietly = <Result>(work: Promise<Result>): Promise<Result | undefined> =>
        work.catch((error: unknown) => {
          if (error instanceof KvError && error.code === "RATE_LIMITED") return undefined;
          throw error;
        });
      if (kind === "wait") world.wait(waitMs);
      else if (kind === "load") {
        bases[process] = await client.load("id");
        const since = destroyedAt === undefined ? 0 : world.now() - destroyedAt;
        if (bases[process] !== undefined && since > BOUND_MS + NEAR_TTL_SECONDS * 1000) count += 1;
      } else if (kind === "touch") await quietly(client.touch("id", 86_400));
      else if (kind === "save") {
        // Only a request that has loaded it: nobody else has the id.
        if (bases[process] !== undefined) await quietly(client.save("id", { step: index }, 86_400, bases[process]));
      } else {
        const done = await quietly(client.destroy("id").then(() => true));
        if (done === true) destroyedAt ??= world.now();
      }
    }
    return count;
  }

  test("accepts no destroyed session after the bound of the model, whatever late requests write", async () => {
    await fc.assert(
      fc.asyncProperty(SESSIONS, async (history) => {
        expect(await late(history, (values) => sessionsIn(values, { acceptStaleLogout: true }))).toBe(0);
      }),
      { numRuns: campaign(2000) },
    );
  });

  test("accepts no destroyed session from that moment on, on a strong namespace", async () => {
    const { kv } = memoryKv();
    let histories = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(SESSION_STEP, { minLength: 5, maxLength: 12 }), async (steps) => {
        histories += 1;
        const id = `session ${String(histories)}`;
        // As many processes as there are locations, some of which keep what they read.
        const opened = LOCATIONS.map((_, index) =>
          sessionsIn(kv.strong("sessions", index === 1 ? { nearCache: { ttlSeconds: NEAR_TTL_SECONDS } } : {})),
        );
        const bases: (LoadedSession | undefined)[] = [];
        let isDestroyed = false;
        await opened[0]?.save(id, { made: true }, 3600);
        for (const [index, { process, kind }] of steps.entries()) {
          const sessions = opened[process];
          if (sessions === undefined) continue;
          if (kind === "destroy") {
            await sessions.destroy(id);
            isDestroyed = true;
          } else if (kind === "touch") await sessions.touch(id, 3600);
          else if (kind === "save" && bases[process] !== undefined) {
            const saved = await sessions.save(id, { step: index }, 3600, bases[process]);
            expect({ isDestroyed, isSaved: saved !== undefined }).toEqual({ isDestroyed, isSaved: !isDestroyed });
          } else {
            const loaded = await sessions.load(id);
            expect({ isDestroyed, isThere: loaded !== undefined }).toEqual({ isDestroyed, isThere: !isDestroyed });
            bases[process] ??= loaded;
          }
        }
      }),
      { numRuns: campaign(2000) },
    );
  }, 300_000);

  test("would, were a session only deleted", async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(SESSIONS, async (history) => {
        count += await late(history, (values) => ({
          load: async (id) => {
            const found = await values.get(id);
            return typeof found === "object" && found !== null ? found : undefined;
          },
          save: (id, data, ttlSeconds) => values.put(id, data, { ttlSeconds }),
          touch: async (id, ttlSeconds) => {
            const found = await values.get(id);
            if (found !== undefined) await values.put(id, found, { ttlSeconds });
          },
          destroy: (id) => values.delete(id),
        }));
      }),
      { numRuns: 1000 },
    );
    expect(count).toBeGreaterThan(0);
  });
});

/** Keeps what it read for ten seconds, and forgets at a write: what people write first. */
function naive(
  namespace: KvNamespace<number>,
): Pick<KvNamespace<number>, "get" | "getMany" | "put" | "putMany" | "delete"> {
  const raw = namespace.withoutMaximum();
  const kept = new Map<string, number | undefined>();
  const get = async (key: string): Promise<number | undefined> => {
    if (!kept.has(key)) {
      const found = await raw.get(key);
      kept.set(key, typeof found === "number" ? found : undefined);
    }
    return kept.get(key);
  };
  return {
    get,
    getMany: async (keys) => {
      const found = new Map<string, number>();
      for (const key of keys) {
        const value = await get(key);
        if (value !== undefined) found.set(key, value);
      }
      return found;
    },
    put: async (key, value) => {
      await raw.put(key, value);
    },
    putMany: async (pairs) => {
      await raw.putMany(pairs);
    },
    delete: async (key) => {
      await raw.delete(key);
    },
  };
}
