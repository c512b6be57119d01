import { describe, expect, it } from "vitest";

import { bytes } from "../../../src/kv/index.ts";
import { memoryKv } from "../../support/memory-kv.ts";

function clocked() {
  let now = Date.parse("2026-12-01T00:00:00Z");
  const sleep = (milliseconds: number) => {
    now += milliseconds;
    return new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  };
  const { kv } = memoryKv({ world: { now: () => now, sleep, random: () => 0.5 } });
  return {
    kv,
    wait: (seconds: number) => {
      now += seconds * 1000;
    },
  };
}

describe("a cached function", () => {
  it("makes a value once for all who wait, and gives it until its time is over", async () => {
    const { kv, wait } = clocked();
    const cache = kv.namespace<number>("cache");
    let made = 0;
    const load = async () => {
      await Promise.resolve();
      return (made += 1);
    };
    const read = () => cache.wrap("a", load, { ttlSeconds: 60 });
    expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
    wait(59);
    expect(await read()).toBe(1);
    wait(1);
    expect(await read()).toBe(2);
  });

  it("gives an old value while the new one is made behind it", async () => {
    const { kv, wait } = clocked();
    const cache = kv.namespace<number>("cache");
    let made = 0;
    const behind: Promise<unknown>[] = [];
    const waitUntil = (work: Promise<unknown>) => behind.push(work);
    const read = () => cache.wrap("a", () => (made += 1), { ttlSeconds: 60, staleSeconds: 600, waitUntil });
    expect(await read()).toBe(1);
    wait(300);
    expect(await read()).toBe(1);
    await Promise.all(behind);
    wait(2);
    expect(await read()).toBe(2);
  });

  it("keeps nothing of a failure, and gives the old value where that is asked for", async () => {
    const { kv } = clocked();
    const cache = kv.namespace<number>("cache");
    let isDown = true;
    const load = () => {
      if (isDown) throw new Error("down");
      return 1;
    };
    await expect(cache.wrap("a", load)).rejects.toThrow("down");
    isDown = false;
    expect(await cache.wrap("a", load)).toBe(1);
    isDown = true;
    await expect(cache.wrap("a", load, { refresh: true })).rejects.toThrow("down");
    expect(await cache.wrap("a", load, { refresh: true, onError: "stale" })).toBe(1);
  });

  it("is made in one process at a time under a lease, and anew where its holder died", async () => {
    const { kv } = clocked();
    const [one, two] = [kv.strong<number>("sessions"), kv.strong<number>("sessions")];
    let made = 0;
    const slowly = async () => {
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return (made += 1);
    };
    const lease = { seconds: 30 };
    expect(await Promise.all([one.wrap("a", slowly, { lease }), two.wrap("a", slowly, { lease })])).toEqual([1, 1]);
    expect(made).toBe(1);
    // Somebody took the lease of another key and never came back.
    const never = one.wrap("b", () => new Promise<number>(() => undefined), { lease: { seconds: 1 } });
    void never;
    await new Promise((resolve) => setImmediate(resolve));
    expect(await two.wrap("b", () => 7, { lease: { seconds: 1 } })).toBe(7);
  });

  it("refuses a lease on an eventual namespace, where two could hold it", async () => {
    const { kv } = clocked();
    const read = kv.namespace("cache").wrap("a", () => 1, { lease: { seconds: 1 } });
    await expect(read).rejects.toMatchObject({ code: "NOT_STRONG" });
  });
});

describe("a value that is being made", () => {
  it("is not kept where this process deletes or writes the key meanwhile", async () => {
    const { kv } = clocked();
    const cache = kv.strong<string>("sessions");
    const changes = [
      () => cache.delete("a"),
      () => cache.deleteMany(["a"]),
      () => cache.put("a", "put"),
      () => cache.putMany([["a", "put"]]),
      () => cache.putIfAbsent("a", "put"),
      () => cache.getAndDelete("a"),
    ];
    for (const change of changes) {
      await cache.delete("a");
      const load = async () => {
        await change();
        return "made";
      };
      expect(await cache.wrap("a", load)).toBe("made");
      expect(await cache.get("a")).not.toBe("made");
    }
  });

  it("is an object of its own for everybody who waits", async () => {
    const { kv } = clocked();
    const cache = kv.namespace<{ list: number[] }>("cache");
    const load = async () => {
      await Promise.resolve();
      return { list: [1] };
    };
    const [one, two] = await Promise.all([cache.wrap("a", load), cache.wrap("a", load)]);
    one.list.push(2);
    expect(two).toEqual({ list: [1] });
  });

  it("is not begun where it could not be kept", async () => {
    const { kv } = clocked();
    let made = 0;
    const wrap = kv.namespace("cache").wrap("a", () => (made += 1), { ttlSeconds: 5 });
    await expect(wrap).rejects.toMatchObject({ code: "EXPIRY_UNSUPPORTED" });
    expect(made).toBe(0);
  });

  it("goes on where one of those who wait for it gives up", async () => {
    const { kv } = clocked();
    const cache = kv.namespace<string>("cache");
    const opened = Promise.withResolvers<undefined>();
    const reached = Promise.withResolvers<undefined>();
    const giveUp = new AbortController();
    const load = async () => {
      reached.resolve(undefined);
      await opened.promise;
      return "made";
    };
    const first = cache.wrap("a", load, { signal: giveUp.signal });
    const second = cache.wrap("a", load);
    await reached.promise;
    giveUp.abort();
    await expect(first).rejects.toMatchObject({ code: "ABORTED" });
    opened.resolve(undefined);
    expect(await second).toBe("made");
    expect(await cache.get("a")).toBe("made");
  });
});

describe("a near cache of bytes", () => {
  it("has copies: neither the bytes that were written nor those that were read change it", async () => {
    const { kv } = clocked();
    const cache = kv.namespace("cache", { codec: bytes(), nearCache: { ttlSeconds: 10 } });
    const mine = Uint8Array.of(1, 2, 3);
    await cache.put("a", mine);
    mine.fill(0);
    const found = await cache.get("a");
    expect(found).toEqual(Uint8Array.of(1, 2, 3));
    found?.fill(9);
    expect(await cache.get("a")).toEqual(Uint8Array.of(1, 2, 3));
    expect((await cache.getMany(["a"])).get("a")).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe("warming", () => {
  it("refuses what no key could be warmed with", async () => {
    const cache = clocked().kv.namespace("cache");
    for (const wrong of [{ concurrency: 0 }, { concurrency: 1.5 }, { perSecond: 0 }, { perSecond: Number.NaN }])
      await expect(cache.warm(["a"], wrong)).rejects.toMatchObject({ code: "NOT_CONFIGURED" });
  });

  it("waits for no key longer than it may take, and closes what gives the keys", async () => {
    const { kv } = clocked();
    let isClosed = false;
    const keys = (function* () {
      try {
        for (;;) yield "a";
      } finally {
        isClosed = true;
      }
    })();
    const started = kv.namespace("cache").now();
    const result = await kv.namespace("cache").warm(keys, { perSecond: 0.001, budgetMs: 5000, concurrency: 1 });
    expect(result).toEqual({ warmed: 1, failed: 0, isComplete: false });
    expect(kv.namespace("cache").now() - started).toBe(5000);
    expect(isClosed).toBe(true);
  });

  it("makes what is missing, goes on behind a failure, and says how far it came", async () => {
    const { kv } = clocked();
    const cache = kv.namespace<string>("cache");
    await cache.put("b", "there");
    const seen: number[] = [];
    const load = (key: string) => {
      if (key === "c") throw new Error("down");
      return `made ${key}`;
    };
    const result = await cache.warm(["a", "b", "c", "d"], { load, onProgress: ({ warmed }) => seen.push(warmed) });
    expect(result).toEqual({ warmed: 3, failed: 1, isComplete: true });
    expect([...(await cache.getMany(["a", "b", "c", "d"])).values()]).toEqual(["made a", "there", "made d"]);
    expect(seen).toHaveLength(4);
  });

  it("takes no more keys a second than it may, and stops when its time is over", async () => {
    const { kv } = clocked();
    const cache = kv.namespace<string>("cache");
    let asked = 0;
    const keys = (function* () {
      for (;;) yield `key ${String((asked += 1))}`;
    })();
    const result = await cache.warm(keys, { load: () => "x", perSecond: 10, budgetMs: 2000, concurrency: 1 });
    expect(result.isComplete).toBe(false);
    expect(result.warmed).toBeGreaterThanOrEqual(20);
    expect(result.warmed).toBeLessThanOrEqual(22);
  });
});
