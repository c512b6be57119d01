import { describe, expect, it } from "vitest";
import { z } from "zod";

import { bytes, type KvError } from "../../../src/kv/index.ts";
import { memoryKv } from "../../support/memory-kv.ts";

const failureOf = async (work: Promise<unknown>): Promise<KvError> =>
  work.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error as KvError,
  );

const answer = (status: number, result: unknown = null): Response =>
  Response.json({ success: status === 200, errors: [], messages: [], result }, { status });

/** The library on the gateway's own code; `answers` are given, one a call, before the gateway is asked. */
function scripted(answers: readonly ((() => Response) | undefined)[]) {
  let calls = 0;
  const { kv, raw } = memoryKv({
    around: (ask) => {
      const scriptedAnswer = answers[calls];
      calls += 1;
      return scriptedAnswer === undefined ? ask() : Promise.resolve(scriptedAnswer());
    },
  });
  return { kv, raw, calls: () => calls };
}

describe("a bulk write", () => {
  it("repeats what the gateway says it did not write, and names what it refuses to the end", async () => {
    const refusing = () => answer(503, { successful_key_count: 1, unsuccessful_keys: ["b"] });
    const { kv, calls } = scripted([refusing, refusing, refusing]);
    const error = await failureOf(
      kv.namespace("cache").putMany([
        ["a", 1],
        ["b", 2],
      ]),
    );
    expect(error).toMatchObject({ code: "INCOMPLETE", keys: ["b"] });
    expect(calls()).toBe(3);
  });

  it("names every key that it did not come to where a later part fails", async () => {
    const { kv } = scripted([undefined, () => answer(400)]);
    const pairs = Array.from({ length: 1500 }, (_, index) => [`key ${String(index)}`, index] as const);
    const error = await failureOf(kv.namespace("cache").putMany(pairs));
    expect(error).toMatchObject({ code: "INCOMPLETE", cause: { code: "REFUSED" } });
    expect(error.keys).toEqual(pairs.slice(1000).map(([key]) => key));
  });

  it("fails as it failed where nothing was written", async () => {
    const { kv } = scripted([() => answer(401)]);
    const error = await failureOf(kv.namespace("cache").putMany([["a", 1]]));
    expect(error.code).toBe("UNAUTHORIZED");
  });

  it("splits what is too large, as a single write does", async () => {
    const { kv, raw } = memoryKv();
    const cache = kv.namespace("cache", { codec: bytes(), splitAboveBytes: 1000 });
    const large = new Uint8Array(2500).fill(7);
    await cache.putMany([
      ["small", Uint8Array.of(1)],
      ["large", large],
    ]);
    expect(await cache.get("large")).toEqual(large);
    expect(await cache.get("small")).toEqual(Uint8Array.of(1));
    expect((await raw("cache", "large"))?.bytes.length).toBeLessThan(1000);
  });

  it("writes nothing where a split value's key is too long for its parts to name", async () => {
    const { kv, raw } = memoryKv();
    const cache = kv.namespace("cache", { codec: bytes(), splitAboveBytes: 1000 });
    const key = "\u0001".repeat(400);
    await expect(
      cache.putMany([
        ["small", Uint8Array.of(1)],
        [key, new Uint8Array(2500)],
      ]),
    ).rejects.toMatchObject({ code: "METADATA_TOO_LARGE" });
    expect(await raw("cache", "small")).toBeUndefined();
  });
});

describe("a read that others wait for", () => {
  it("goes on where one of them gives up", async () => {
    const { promise: opened, resolve: open } = Promise.withResolvers<undefined>();
    const { kv } = memoryKv({
      around: async (ask) => {
        await opened;
        return ask();
      },
    });
    const cache = kv.namespace<string>("cache", { nearCache: { ttlSeconds: 60 } });
    const giveUp = new AbortController();
    const first = cache.get("a", { signal: giveUp.signal });
    const second = cache.get("a");
    giveUp.abort();
    await expect(first).rejects.toMatchObject({ code: "ABORTED" });
    open(undefined);
    expect(await second).toBeUndefined();
    expect(cache.stats).toMatchObject({ joined: 1 });
  });

  it("ends for each of them at their own deadline", async () => {
    const { promise: opened, resolve: open } = Promise.withResolvers<undefined>();
    const { kv } = memoryKv({
      around: async (ask) => {
        await opened;
        return ask();
      },
    });
    const cache = kv.namespace<string>("cache", { nearCache: { ttlSeconds: 60 } });
    const second = cache.get("a");
    await expect(cache.get("a", { deadlineMs: 1 })).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    open(undefined);
    expect(await second).toBeUndefined();
  });
});

describe("a deadline", () => {
  it("is for all requests of a call together", async () => {
    let now = 0;
    let calls = 0;
    const { kv } = memoryKv({
      world: { now: () => Date.parse("2026-12-01T00:00:00Z") + now },
      around: async (ask) => {
        calls += 1;
        now += 400;
        return ask();
      },
    });
    const cache = kv.namespace("cache", { codec: bytes(), splitAboveBytes: 1000 });
    const error = await failureOf(cache.put("a", new Uint8Array(20_000), { deadlineMs: 1000 }));
    expect(error.code).toBe("DEADLINE_EXCEEDED");
    expect(calls).toBeLessThan(10);
  });
});

describe("a near cache in front of a schema", () => {
  it("keeps of its own writes what a reader would get, and nothing that the schema refuses", async () => {
    const { kv } = memoryKv();
    const schema = z
      .string()
      .trim()
      .refine((value) => value !== "refused");
    const cache = kv.namespace("cache", { schema, nearCache: { ttlSeconds: 60 } });
    await cache.put("a", "  text  ");
    expect(await cache.get("a")).toBe("text");
    await cache.put("a", "refused");
    await expect(cache.get("a")).rejects.toMatchObject({ code: "VALUE_INVALID" });
  });
});
