import { describe, expect, it } from "vitest";

import { KvError } from "../../../src/kv/index.ts";
import { NearCache, type NearCacheOptions } from "../../../src/kv/near-cache.ts";
import type { Entry } from "../../../src/kv/value-store.ts";

const entryOf = <Value>(value: Value, more: Partial<Entry<Value>> = {}): Entry<Value> => ({
  value,
  metadata: undefined,
  expiresAt: undefined,
  freshUntil: undefined,
  version: undefined,
  size: 100,
  ...more,
});

/** A cache of ten seconds over a store that a test changes. */
function cacheOf(options: Partial<NearCacheOptions> = {}, ownSeconds = 120) {
  let now = 0;
  let wallClockAhead = 0;
  const store = new Map<string, Entry<unknown>>();
  const cache = new NearCache<unknown>({ ttlSeconds: 10, ...options }, ownSeconds, {
    now: () => now + wallClockAhead,
    elapsed: () => now,
  });
  let reads = 0;
  let failing: Error | undefined;
  const read = async (key: string) => {
    const entry = await cache.get(key, async () => {
      reads += 1;
      await Promise.resolve();
      if (failing !== undefined) throw failing;
      return store.get(key);
    });
    return entry?.value;
  };
  return {
    cache,
    store,
    read,
    reads: () => reads,
    fail: (error: Error | undefined) => {
      failing = error;
    },
    wait: (seconds: number) => {
      now += seconds * 1000;
    },
    setWallClock: (seconds: number) => {
      wallClockAhead = seconds * 1000;
    },
  };
}

const DOWN = new KvError("UNAVAILABLE", "down");

describe("a near cache", () => {
  it("asks once, for however many wait, and then answers from memory until its time is over", async () => {
    const { store, read, reads, wait, cache } = cacheOf();
    store.set("a", entryOf("one"));
    expect(await Promise.all([read("a"), read("a"), read("a")])).toEqual(["one", "one", "one"]);
    store.set("a", entryOf("two"));
    wait(9.9);
    expect(await read("a")).toBe("one");
    wait(0.1);
    expect(await read("a")).toBe("two");
    expect(reads()).toBe(2);
    expect(cache.stats).toMatchObject({ hits: 1, misses: 4, joined: 2, entries: 1 });
  });

  it("gets no older and no younger where the machine's clock is set", async () => {
    const { store, read, reads, wait, setWallClock } = cacheOf();
    store.set("a", entryOf("one"));
    await read("a");
    setWallClock(3600);
    await read("a");
    expect(reads()).toBe(1);
    setWallClock(-3600);
    wait(10);
    await read("a");
    expect(reads()).toBe(2);
  });

  it("knows for a shorter time that a key is missing", async () => {
    const { store, read, wait } = cacheOf();
    expect(await read("a")).toBeUndefined();
    store.set("a", entryOf("made"));
    wait(0.9);
    expect(await read("a")).toBeUndefined();
    wait(0.1);
    expect(await read("a")).toBe("made");
  });

  it("gives an old answer while it fetches a new one behind it", async () => {
    const { store, read, wait, cache } = cacheOf({ staleSeconds: 30 });
    store.set("a", entryOf("one"));
    await read("a");
    store.set("a", entryOf("two"));
    wait(20);
    expect(await read("a")).toBe("one");
    await new Promise(setImmediate);
    expect(await read("a")).toBe("two");
    expect(cache.stats.stale).toBe(1);
  });

  it("gives an old answer where KV fails for the moment, and none where it refuses", async () => {
    const { store, read, wait, fail, cache } = cacheOf({ staleOnErrorSeconds: 60 });
    store.set("a", entryOf("one"));
    await read("a");
    wait(11);
    fail(DOWN);
    expect(await read("a")).toBe("one");
    expect(cache.stats.staleOnError).toBe(1);
    fail(new KvError("UNAUTHORIZED", "no"));
    await expect(read("a")).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    wait(60);
    fail(DOWN);
    await expect(read("a")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("keeps nothing longer than the pair itself lives", async () => {
    const { store, read, wait } = cacheOf({ staleSeconds: 60 });
    store.set("a", entryOf("one", { expiresAt: 5000 }));
    expect(await read("a")).toBe("one");
    store.delete("a");
    wait(5);
    expect(await read("a")).toBeUndefined();
  });

  it("sees what it wrote at once, for as long as KV may say something older", async () => {
    const { store, read, wait, cache } = cacheOf();
    store.set("a", entryOf("old"));
    cache.writing("a");
    cache.wrote("a", entryOf("new"));
    wait(119);
    expect(await read("a")).toBe("new");
    wait(1);
    expect(await read("a")).toBe("old");
  });

  it("keeps what it wrote before where a write was refused, and forgets it where nobody knows", async () => {
    const { store, read, cache } = cacheOf();
    store.set("a", entryOf("old"));
    cache.wrote("a", entryOf("new"));
    cache.failedToWrite(["a"], new KvError("RATE_LIMITED", "later"));
    expect(await read("a")).toBe("new");
    cache.failedToWrite(["a"], DOWN);
    expect(await read("a")).toBe("old");
  });

  it("does not keep what a read brings that a write overtook", async () => {
    const { store, read, cache } = cacheOf();
    store.set("a", entryOf("old"));
    const reading = read("a");
    cache.writing("a");
    cache.wrote("a", entryOf("new"));
    await reading;
    expect(await read("a")).toBe("new");
  });

  it("is bounded in bytes: what was not used for longest goes first", async () => {
    const { store, read, reads, cache } = cacheOf({ maxBytes: 2000 });
    for (const key of ["a", "b", "c", "d", "e", "f", "g"]) {
      store.set(key, entryOf(key));
      await read(key);
      await read("a");
    }
    const before = reads();
    await read("a");
    expect(reads()).toBe(before);
    expect(cache.stats.bytes).toBeLessThanOrEqual(2000);
    expect(cache.stats.entries).toBe(5);
  });

  it("freezes what it hands out: nobody changes the answer of everybody else", async () => {
    const { store, read } = cacheOf();
    store.set("a", entryOf({ list: [1] }));
    await read("a");
    const found = await read("a");
    expect(Object.isFrozen(found)).toBe(true);
    expect(() => Object.assign(found as object, { list: [] })).toThrow(TypeError);
  });
});
