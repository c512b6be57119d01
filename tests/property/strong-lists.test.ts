import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { ShardApi } from "../../src/gateway/strong/protocol.ts";
import { Shard } from "../../src/gateway/strong/shard.ts";
import { StrongStore } from "../../src/gateway/strong/strong-store.ts";
import { campaign } from "../support/campaign.ts";
import { NodeSql } from "../support/node-sql.ts";

const clock = { now: () => 0 };

function createStore(shards: number): StrongStore {
  const objects = Array.from(
    { length: shards },
    () => new Shard({ sql: new NodeSql(), clock, alarm: { wakeAt: () => undefined } }),
  );
  let ids = 0;
  return new StrongStore({
    shards,
    connect: (shard) => asynchronous(objects[shard]),
    newId: () => (ids += 1).toString(16).padStart(16, "0"),
  });
}

function asynchronous(shard: Shard | undefined): ShardApi {
  if (shard === undefined) throw new Error("no such shard");
  return {
    get: async (key) => shard.get(key),
    metadata: async (key) => shard.metadata(key),
    getMany: async (keys, maxBytes) => shard.getMany(keys, maxBytes),
    put: async (write, operation) => shard.put(write, operation),
    delete: async (key, operation) => shard.delete(key, operation),
    putMany: async (writes, operation) => shard.putMany(writes, operation),
    deleteMany: async (keys, operation) => shard.deleteMany(keys, operation),
    list: async (options) => shard.list(options),
    atomic: async (request, id) => shard.atomic(request, id),
  };
}

const pair = (key: string) => ({ key, value: new Uint8Array(), metadata: undefined, expiry: undefined });
/** Of the fewest characters that make trouble: NUL, the ends of each length in UTF-8, what JavaScript orders otherwise. */
const character = fc.constantFrom(
  "\u0000",
  "a",
  "b",
  "\u007f",
  "\u0080",
  "\u07ff",
  "\u0800",
  "\ud7ff",
  "\ue000",
  "\uffff",
  "\u{10000}",
  "\u{10ffff}",
);
const name = fc.array(character, { minLength: 1, maxLength: 3 }).map((characters) => characters.join(""));

describe("the pages of a list on a strong namespace", () => {
  test("hold every key that existed throughout once, in the order of UTF-8 bytes, while others come and go", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { maxLength: 40 }),
        fc.array(fc.record({ key: name, isDelete: fc.boolean() }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 9 }),
        fc.option(character, { nil: "" }),
        async (stable, changes, shards, limit, prefix) => {
          const store = createStore(shards);
          for (const key of stable) await store.put(pair(key));
          const kept = new Set(stable);
          const pending = [...changes];
          const listed: string[] = [];
          let cursor: string | undefined;
          do {
            const page = await store.list({ prefix, cursor, limit });
            expect(page.keys.length).toBeLessThanOrEqual(limit);
            listed.push(...page.keys.map((key) => key.name));
            ({ cursor } = page);
            for (const { key, isDelete } of pending.splice(0, 5)) {
              if (kept.has(key)) continue;
              if (isDelete) await store.delete(key);
              else await store.put(pair(key));
            }
          } while (cursor !== undefined);
          const bytes = listed.map((key) => Buffer.from(key));
          expect(bytes).toEqual(bytes.toSorted((a, b) => Buffer.compare(a, b)));
          expect(new Set(listed).size).toBe(listed.length);
          expect(listed.every((key) => key.startsWith(prefix))).toBe(true);
          expect(listed.filter((key) => kept.has(key)).toSorted()).toEqual(
            stable.filter((key) => key.startsWith(prefix)).toSorted(),
          );
        },
      ),
      { numRuns: campaign(200) },
    );
  });
});
