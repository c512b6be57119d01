import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ShardApi } from "../../src/gateway/strong/protocol.ts";
import { shardOf } from "../../src/gateway/strong/shard-map.ts";
import { Shard } from "../../src/gateway/strong/shard.ts";
import { StrongStore } from "../../src/gateway/strong/strong-store.ts";
import { credentialOf, GATEWAY_CONFIG, namespacePath, STRONG } from "../../testbed/gateway-fixture.ts";
import { type GatewayInWorkerd, startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { NodeSql } from "../support/node-sql.ts";
import { ownConnection } from "../support/own-connection.ts";

const MEBIBYTE = 1024 * 1024;
const SHARDS = STRONG.shards ?? 1;
const clock = { now: () => Date.parse("2026-11-23T00:00:00Z") };

/** Keys of one shard. */
function keysOf(shard: number, count: number, shards = SHARDS): string[] {
  const keys: string[] = [];
  for (let index = 0; keys.length < count; index += 1) {
    if (shardOf(`key-${String(index)}`, shards) === shard) keys.push(`key-${String(index)}`);
  }
  return keys;
}

describe("a bulk get of a strong namespace in workerd", () => {
  let gateway: GatewayInWorkerd;

  beforeAll(async () => {
    gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  const send = (method: string, path: string, body: string | Uint8Array<ArrayBuffer>) =>
    ownConnection(`${gateway.url}${namespacePath(STRONG.id)}${path}`, {
      method,
      headers: { authorization: `Bearer ${credentialOf("dev-application-a1")}` },
      body,
    });
  const put = async (key: string, size: number): Promise<void> => {
    expect((await send("PUT", `/values/${key}`, new Uint8Array(size).fill(0x76))).status).toBe(200);
  };
  const bulkGet = (keys: readonly string[]) => send("POST", "/bulk/get", JSON.stringify({ keys }));

  // The object could not answer with both, and nobody was told that no repetition would help: 503 for ever.
  it.each([
    ["one object", keysOf(0, 2)],
    ["two objects", [...keysOf(1, 1), ...keysOf(2, 1)]],
  ])("is refused with 413 where two values of 17 MiB of %s are asked for", async (_where, keys) => {
    for (const key of keys) await put(key, 17 * MEBIBYTE);
    const response = await bulkGet(keys);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ errors: [{ code: 10001 }] });
  });

  it("is answered where values fit together, also where one is more than the share of its object", async () => {
    const [large = ""] = keysOf(3, 1);
    const [small = ""] = keysOf(0, 5).slice(4);
    await put(large, 20 * MEBIBYTE);
    await put(small, 4 * MEBIBYTE);
    const { result } = (await (await bulkGet([large, small])).json()) as { result: { values: Record<string, string> } };
    expect([result.values[large]?.length, result.values[small]?.length]).toEqual([20 * MEBIBYTE, 4 * MEBIBYTE]);
  });
});

/** SQLite that notes which statements were run. */
class NotedSql extends NodeSql {
  readonly statements: string[] = [];

  override run(...[statement, ...values]: Parameters<NodeSql["run"]>) {
    this.statements.push(statement);
    return super.run(statement, ...values);
  }
}

it("an object loads no value of a bulk get that is too large, also of those in parts", () => {
  const sql = new NotedSql();
  const shard = new Shard({ sql, clock, alarm: { wakeAt: () => undefined } });
  const keys = ["whole", "in parts"];
  const sizes = [MEBIBYTE, 3 * MEBIBYTE];
  keys.forEach((key, index) => {
    const write = { key, value: new Uint8Array(sizes[index] ?? 0), metadata: undefined, expiry: undefined };
    shard.put(write, { id: "0123456789abcdef", isRepeat: false });
  });
  sql.statements.length = 0;
  expect(shard.getMany(keys, 4 * MEBIBYTE - 1)).toEqual({ bytes: 4 * MEBIBYTE, entries: undefined });
  expect(sql.statements.filter((text) => /\bvalue FROM|SELECT data/.test(text))).toEqual([]);
  expect(shard.getMany(keys, 4 * MEBIBYTE).entries).toHaveLength(2);
});

it("an object loads no value for the metadata of a pair, and gives none of what has ended", () => {
  const sql = new NotedSql();
  const time = { now: Date.now() };
  const shard = new Shard({ sql, clock: { now: () => time.now }, alarm: { wakeAt: () => undefined } });
  const write = { value: new Uint8Array(3 * MEBIBYTE), metadata: '{"m":1}', expiry: { ttlSeconds: 60 } };
  shard.put({ key: "k", ...write }, { id: "0123456789abcdef", isRepeat: false });
  sql.statements.length = 0;
  expect(shard.metadata("k")).toEqual({ metadata: '{"m":1}' });
  expect(sql.statements.filter((text) => /\bvalue FROM|SELECT data/.test(text))).toEqual([]);
  expect(shard.metadata("none")).toBeUndefined();
  time.now += 60_000;
  expect(shard.metadata("k")).toBeUndefined();
});

describe("a list over 256 objects", () => {
  const shards = 256;

  /** A namespace of objects that count the entries that they give out. */
  function counted(keys: readonly string[]) {
    const counts = { calls: 0, entries: 0 };
    const objects = Array.from(
      { length: shards },
      () => new Shard({ sql: new NodeSql(), clock, alarm: { wakeAt: () => undefined } }),
    );
    for (const key of keys) {
      const write = { key, value: new Uint8Array(1), metadata: undefined, expiry: undefined };
      objects[shardOf(key, shards)]?.put(write, { id: "0123456789abcdef", isRepeat: false });
    }
    const connect = (shard: number): ShardApi =>
      ({
        list: async (options: Parameters<ShardApi["list"]>[0]) => {
          counts.calls += 1;
          const page = objects[shard]?.list(options) ?? { entries: [], isComplete: true };
          counts.entries += page.entries.length;
          return page;
        },
      }) as ShardApi;
    return { counts, store: new StrongStore({ shards, connect, newId: () => "0" }) };
  }

  const sorted = (keys: readonly string[]) => keys.toSorted((a, b) => (a < b ? -1 : 1));

  it("loads a few entries for each that it answers with, in one call each", async () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `key-${String(index)}`);
    const { counts, store } = counted(keys);
    const page = await store.list({ prefix: "", cursor: undefined, limit: 1_000 });
    expect(page.keys.map(({ name }) => name)).toEqual(sorted(keys).slice(0, 1_000));
    // It was 256,000 entries.
    expect(counts.entries).toBeLessThan(8_000);
    expect(counts.calls).toBe(shards);
  });

  it("asks an object again that has more than its share, and loses no key and no order", async () => {
    const keys = [...keysOf(7, 3_000, shards), ...keysOf(8, 40, shards)];
    const { counts, store } = counted(keys);
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list({ prefix: "", cursor, limit: 1_000 });
      found.push(...page.keys.map(({ name }) => name));
      ({ cursor } = page);
    } while (cursor !== undefined);
    expect(found).toEqual(sorted(keys));
    expect(counts.calls).toBeLessThan(4 * (shards + 16));
  });
});
