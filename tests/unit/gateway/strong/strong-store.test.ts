import { describe, expect, it } from "vitest";

import type { Operation } from "../../../../src/gateway/store.ts";
import type { Outcome, ShardApi, Write } from "../../../../src/gateway/strong/protocol.ts";
import { shardOf } from "../../../../src/gateway/strong/shard-map.ts";
import { StrongStore } from "../../../../src/gateway/strong/strong-store.ts";

const SHARDS = 4;
const MEBIBYTE = 1024 * 1024;
const RESTART = Object.assign(new Error("the object was reset"), { durableObjectReset: true });

interface Batch {
  readonly shard: number;
  readonly keys: readonly string[];
  readonly operation: Operation;
}

/** A store over objects that note what they are asked; `answer` is what they say to a write. */
function storeWith(answer: (batch: Batch, attempt: number) => Outcome = () => "done") {
  const batches: Batch[] = [];
  const note = async (batch: Batch): Promise<Outcome> => {
    batches.push(batch);
    return answer(batch, batches.length);
  };
  const unused = (): never => {
    throw new Error("not asked for here");
  };
  const connect = (shard: number): ShardApi => ({
    get: async (key) => ({
      value: new TextEncoder().encode(`${key} of ${shard}`),
      metadata: '{"a":1}',
      expiresAt: 1500,
      version: "0".repeat(16),
    }),
    metadata: async (key) => ({ metadata: JSON.stringify({ of: key }) }),
    getMany: async (keys) => {
      const value = new Uint8Array([0xff]);
      const stored = { value, metadata: undefined, expiresAt: undefined, version: "" };
      return { bytes: keys.length, entries: keys.map((key) => [key, stored] as const) };
    },
    put: (write: Write, operation) => note({ shard, keys: [write.key], operation }),
    delete: (key, operation) => note({ shard, keys: [key], operation }),
    putMany: (writes, operation) => note({ shard, keys: writes.map(({ key }) => key), operation }),
    deleteMany: (keys, operation) => note({ shard, keys, operation }),
    list: unused,
    atomic: unused,
  });
  let ids = 0;
  const newId = () => (ids += 1).toString(16).padStart(16, "0");
  return { store: new StrongStore({ shards: SHARDS, connect, newId }), batches };
}

function pair(key: string, size = 1) {
  return { key, value: new Uint8Array(size), metadata: undefined, expiry: undefined };
}

const KEYS = Array.from({ length: 20 }, (_, index) => `key-${index}`);

const OPERATION = { id: "0123456789abcdef", isRepeat: false };

describe("a strong namespace", () => {
  it("asks the object that holds a key, and tells the end as the first second in which the pair is gone", async () => {
    const { store } = storeWith();
    const entry = await store.get("key");
    expect(entry).toMatchObject({ metadata: { a: 1 }, expiration: 2, version: "0".repeat(16) });
    expect(entry?.value).toEqual(new TextEncoder().encode(`key of ${shardOf("key", SHARDS)}`));
  });

  it("gives each write an id of its own, and its repetition the same", async () => {
    const { store, batches } = storeWith((_, attempt) => {
      if (attempt === 1) throw RESTART;
      return "done";
    });
    await store.put(pair("key"));
    await store.delete("key");
    const [first, repeat, other] = batches.map(({ operation }) => operation);
    expect([first?.isRepeat, repeat?.isRepeat, other?.isRepeat]).toEqual([false, true, false]);
    expect(repeat?.id).toBe(first?.id);
    expect(other?.id).not.toBe(first?.id);
  });

  it("answers 503 where nobody knows whether a write was done", async () => {
    const { store } = storeWith(() => "unknown");
    await expect(store.put(pair("key"))).rejects.toMatchObject({ status: 503, retryAfter: 1 });
    await expect(store.delete("key")).rejects.toMatchObject({ status: 503, retryAfter: 1 });
  });

  it("sends the keys of a bulk request to their objects, in their order, one call each", async () => {
    const { store, batches } = storeWith();
    expect(
      await store.putMany(
        KEYS.map((key) => pair(key)),
        { left: 10 },
        OPERATION,
      ),
    ).toEqual([]);
    expect(batches).toHaveLength(SHARDS);
    for (const { shard, keys } of batches) expect(keys).toEqual(KEYS.filter((key) => shardOf(key, SHARDS) === shard));
    expect(batches.map(({ operation }) => operation)).toEqual(batches.map(() => OPERATION));
  });

  it("splits what is too large for one call", async () => {
    const { store, batches } = storeWith();
    const keys = KEYS.filter((key) => shardOf(key, SHARDS) === 0).slice(0, 3);
    await store.putMany(
      keys.map((key) => pair(key, 5 * MEBIBYTE)),
      { left: 10 },
      OPERATION,
    );
    expect(batches.map((batch) => batch.keys)).toEqual(keys.map((key) => [key]));
  });

  it.each(["fails", "is not sure"])("returns the keys of an object that %s, and only those", async (how) => {
    const { store } = storeWith(({ shard }) => {
      if (shard !== 2) return "done";
      if (how === "fails") throw new Error("broken");
      return "unknown";
    });
    const lost = KEYS.filter((key) => shardOf(key, SHARDS) === 2);
    expect(
      await store.putMany(
        KEYS.map((key) => pair(key)),
        { left: 10 },
        OPERATION,
      ),
    ).toEqual(lost);
    expect(await store.deleteMany(KEYS, { left: 10 }, OPERATION)).toEqual(lost);
  });

  it("makes no more calls than are left, and returns the keys of the others", async () => {
    const { store, batches } = storeWith();
    const failed = await store.deleteMany(KEYS, { left: 1 }, OPERATION);
    expect(batches).toHaveLength(1);
    expect(failed.toSorted()).toEqual(KEYS.filter((key) => !batches[0]?.keys.includes(key)).toSorted());
  });

  it("refuses a bulk read of a value that is no text", async () => {
    const { store } = storeWith();
    await expect(store.getMany(["key"])).rejects.toMatchObject({ status: 400, code: 10001 });
  });
});
