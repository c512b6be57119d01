import { EventualStore } from "../../src/gateway/eventual-store.ts";
import { createGateway } from "../../src/gateway/gateway.ts";
import type { KvBinding } from "../../src/core/kv-binding.ts";
import type { NamespaceStore } from "../../src/gateway/store.ts";
import type { ShardApi } from "../../src/gateway/strong/protocol.ts";
import { Shard } from "../../src/gateway/strong/shard.ts";
import { StrongStore } from "../../src/gateway/strong/strong-store.ts";
import { credentialOf, EVENTUAL, GATEWAY_CONFIG, namespacePath, STRONG } from "../../testbed/gateway-fixture.ts";
import { bulkInMemory } from "./bulk-in-memory.ts";
import { NodeSql } from "./node-sql.ts";

interface BulkResult {
  readonly successful_key_count: number;
  readonly unsuccessful_keys: readonly string[];
}

/** Counts calls to storage, and what was received and is not yet stored. */
export class Meter {
  /** Of the invocation that answers. */
  calls = 0;
  /** Of the relay that made most. */
  mostOfARelay = 0;
  relays = 0;
  ledgerCalls = 0;
  mostAtOnce = 0;
  received = 0;
  mostHeld = 0;
  largestBatch = 0;
  #atOnce = 0;
  #stored = 0;

  reset(): void {
    this.calls = 0;
    this.mostOfARelay = 0;
    this.relays = 0;
    this.ledgerCalls = 0;
    this.mostAtOnce = 0;
  }

  /** How a relay counts the calls of one invocation. */
  relayed(): (bytes: number, work: () => unknown) => Promise<never> {
    this.relays += 1;
    let calls = 0;
    return async (bytes, work) => {
      calls += 1;
      this.mostOfARelay = Math.max(this.mostOfARelay, calls);
      await Promise.resolve();
      try {
        return work() as never;
      } finally {
        this.#stored += bytes;
      }
    };
  }

  receive(bytes: number): void {
    this.received += bytes;
    this.mostHeld = Math.max(this.mostHeld, this.received - this.#stored);
  }

  /** `bytes`: of the values that the call stores. */
  async call<T>(bytes: number, work: () => T): Promise<T> {
    this.calls += 1;
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    this.largestBatch = Math.max(this.largestBatch, bytes);
    await Promise.resolve();
    try {
      return work();
    } finally {
      this.#atOnce -= 1;
      this.#stored += bytes;
    }
  }
}

export interface MeteredGateway {
  /** Fails where the answer is a refusal. */
  readonly gateway: (
    method: string,
    namespaceId: string,
    path: string,
    body?: string | ReadableStream,
  ) => Promise<BulkResult>;
  readonly meter: Meter;
  /** What the eventual namespace holds. */
  readonly kv: Map<string, Uint8Array>;
}

/** The gateway on stores that are counted. */
export function openMetered({ shards = 1 } = {}): MeteredGateway {
  const meter = new Meter();
  const kv = new Map<string, Uint8Array>();
  const objects = new Map<number, Shard>();
  const clock = { now: () => Date.parse("2026-11-23T00:00:00.000Z") };
  let operations = 0;
  const storeOf = (isEventual: boolean, count: Count): NamespaceStore =>
    isEventual
      ? new EventualStore(countedKv(kv, count), undefined)
      : new StrongStore({
          shards,
          connect: (shard) => {
            const object =
              objects.get(shard) ?? new Shard({ sql: new NodeSql(), clock, alarm: { wakeAt: () => undefined } });
            objects.set(shard, object);
            return countedShard(object, count);
          },
          newId: () => {
            operations += 1;
            return operations.toString(16).padStart(16, "0");
          },
        });
  const fetch = createGateway({
    config: { ...GATEWAY_CONFIG, namespaces: [{ ...STRONG, shards }, EVENTUAL] },
    storeOf: ({ consistency }) => storeOf(consistency === "eventual", (bytes, work) => meter.call(bytes, work)),
    bulk: bulkInMemory((name) => storeOf(name === EVENTUAL.name, meter.relayed())),
    ledger: () => ({
      record: async () => {
        meter.ledgerCalls += 1;
      },
      refuse: async () => undefined,
      usage: async () => ({ uses: [], refusals: [] }),
      addParity: async () => "taken",
      parity: async () => [],
    }),
    clock,
    log: () => undefined,
  });
  return {
    meter,
    kv,
    gateway: async (method, namespaceId, path, body) => {
      const url = `https://gateway.test${namespacePath(namespaceId)}${path}`;
      const headers = { authorization: `Bearer ${credentialOf("dev-application-a1")}` };
      const content = body === undefined ? {} : { body, duplex: "half" };
      const response = await fetch(new Request(url, { method, headers, ...content }), () => undefined);
      if (response.status !== 200) throw new Error(`${method} ${path} was answered with ${response.status}`);
      const text = await response.text();
      return (text.startsWith("{") ? (JSON.parse(text) as { result: unknown }).result : {}) as BulkResult;
    },
  };
}

type Count = <T>(bytes: number, work: () => T) => Promise<T>;

function countedKv(kv: Map<string, Uint8Array>, count: Count): KvBinding {
  return {
    getWithMetadata: () => {
      throw new Error("nothing is read here");
    },
    put: (key, value) =>
      count(value instanceof Uint8Array ? value.byteLength : 0, () => {
        kv.set(key, new Uint8Array());
      }),
    delete: (key) =>
      count(0, () => {
        kv.delete(key);
      }),
    list: () => count(0, () => ({ keys: [], list_complete: true })),
  };
}

function countedShard(shard: Shard, count: Count): ShardApi {
  return {
    get: (key) => count(0, () => shard.get(key)),
    metadata: (key) => count(0, () => shard.metadata(key)),
    getMany: (keys, maxBytes) => count(0, () => shard.getMany(keys, maxBytes)),
    put: (write, operation) => count(write.value.byteLength, () => shard.put(write, operation)),
    delete: (key, operation) => count(0, () => shard.delete(key, operation)),
    putMany: (writes, operation) => {
      const bytes = writes.reduce((sum, { value }) => sum + value.byteLength, 0);
      // The bytes count; to keep them would take the time of the test.
      const small = writes.map((write) => ({ ...write, value: new Uint8Array() }));
      return count(bytes, () => shard.putMany(small, operation));
    },
    deleteMany: (keys, operation) => count(0, () => shard.deleteMany(keys, operation)),
    list: (options) => count(0, () => shard.list(options)),
    atomic: (request, id) => count(0, () => shard.atomic(request, id)),
  };
}
