import { compareAsUtf8 } from "../../core/utf8-order.ts";
import { invalid, unavailable } from "../envelope.ts";
import type {
  Entry,
  KeyPage,
  ListOptions,
  NamespaceStore,
  Pair,
  StorageBudget,
  TextEntry,
  Operation,
} from "../store.ts";
import { cursorAfter, keyBefore } from "./cursor.ts";
import type { AtomicRequest, AtomicResult, Outcome, ShardApi, Stored, Write } from "./protocol.ts";
import { ShardCaller } from "./shard-caller.ts";
import { shardOf } from "./shard-map.ts";

/** Of the values in one call to a shard: a call takes up to 32 MiB, an isolate holds several at once. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

export interface StrongStoreOptions {
  /** How many objects hold the namespace. */
  readonly shards: number;
  /** A connection to one of them; a new one at each call. */
  readonly connect: (shard: number) => ShardApi;
  /** 16 hexadecimal digits, never the same twice. */
  readonly newId: () => string;
}

/**
 * A namespace in Durable Objects: reads see writes, a delete is immediate, a pair ends at its millisecond.
 * https://developers.cloudflare.com/durable-objects/best-practices/rules-of-durable-objects/
 */
export class StrongStore implements NamespaceStore {
  readonly consistency = "strong";
  readonly minTtlSeconds = 1;
  readonly #shards: number;
  readonly #caller: ShardCaller;
  readonly #newId: () => string;

  constructor({ shards, connect, newId }: StrongStoreOptions) {
    this.#shards = shards;
    this.#caller = new ShardCaller(connect);
    this.#newId = newId;
  }

  async get(key: string): Promise<Entry | undefined> {
    const stored = await this.#caller.call(this.#shardOf(key), (shard) => shard.get(key));
    return stored && entryOf(stored);
  }

  async put(pair: Pair): Promise<void> {
    const write = writeOf(pair);
    await this.#change(this.#shardOf(pair.key), (shard, operation) => shard.put(write, operation));
  }

  async delete(key: string): Promise<void> {
    await this.#change(this.#shardOf(key), (shard, operation) => shard.delete(key, operation));
  }

  /** Each shard gives its own next keys; the smallest of all are the page. A key that stays is in exactly one page. */
  async list({ prefix, cursor, limit }: ListOptions): Promise<KeyPage> {
    const after = cursor === undefined ? undefined : keyBefore(cursor, prefix);
    const pages = await Promise.all(
      Array.from({ length: this.#shards }, (_, shard) =>
        this.#caller.call(shard, (api) => api.list({ prefix, after, limit })),
      ),
    );
    const merged = pages.flatMap(({ entries }) => entries).toSorted((a, b) => compareAsUtf8(a.key, b.key));
    const page = merged.slice(0, limit);
    const last = page.at(-1);
    const isComplete = merged.length === page.length && pages.every((part) => part.isComplete);
    return {
      keys: page.map(({ key, metadata, expiresAt }) => ({
        name: key,
        ...(expiresAt === undefined ? {} : { expiration: secondsOf(expiresAt) }),
        ...(metadata === undefined ? {} : { metadata: JSON.parse(metadata) as unknown }),
      })),
      cursor: isComplete || last === undefined ? undefined : cursorAfter(prefix, last.key),
    };
  }

  async getMany(keys: readonly string[]): Promise<ReadonlyMap<string, TextEntry>> {
    const parts = await Promise.all(
      [...this.#byShard(keys, (key) => key)].map(([shard, some]) =>
        this.#caller.call(shard, (api) => api.getMany(some)),
      ),
    );
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return new Map(
      parts.flat().map(([key, stored]) => {
        const { metadata, expiration } = entryOf(stored);
        return [key, { text: decode(decoder, stored.value), metadata, expiration }];
      }),
    );
  }

  /** One for each object, and one more for each batch that one of them gets. */
  callsFor(items: number, bytes: number): number {
    return Math.min(items, this.#shards + Math.floor((2 * bytes) / MAX_BATCH_BYTES));
  }

  putMany(pairs: readonly Pair[], budget: StorageBudget, operation: Operation): Promise<string[]> {
    return this.#inBatches(pairs, budget, operation, {
      keyOf: ({ key }) => key,
      bytesOf: ({ value }) => value.byteLength,
      call: (shard, some, operation) => shard.putMany(some.map(writeOf), operation),
    });
  }

  deleteMany(keys: readonly string[], budget: StorageBudget, operation: Operation): Promise<string[]> {
    return this.#inBatches(keys, budget, operation, {
      keyOf: (key) => key,
      bytesOf: () => 0,
      call: (shard, some, operation) => shard.deleteMany(some, operation),
    });
  }

  /** An operation on one key that nothing else comes between. `operationId`: of the caller. */
  atomic(request: AtomicRequest, operationId: string): Promise<AtomicResult> {
    return this.#caller.call(this.#shardOf(request.key), (shard) => shard.atomic(request, operationId));
  }

  async #change(
    shard: number,
    call: (api: ShardApi, operation: Operation) => Promise<Outcome>,
    { id, isRepeat: wasTried }: Operation = { id: this.#newId(), isRepeat: false },
  ): Promise<void> {
    const outcome = await this.#caller.call(shard, (api, isRepeat) =>
      call(api, { id, isRepeat: wasTried || isRepeat }),
    );
    if (outcome === "unknown") throw unavailable("It is not known whether this write was done: others came after it.");
  }

  async #inBatches<Item>(
    items: readonly Item[],
    budget: StorageBudget,
    operation: Operation,
    kind: {
      readonly keyOf: (item: Item) => string;
      readonly bytesOf: (item: Item) => number;
      readonly call: (shard: ShardApi, items: readonly Item[], operation: Operation) => Promise<Outcome>;
    },
  ): Promise<string[]> {
    const failed: string[] = [];
    const work = [...this.#byShard(items, kind.keyOf)].map(async ([shard, some]) => {
      for (const batch of batchesOf(some, kind.bytesOf)) {
        budget.left -= 1;
        const isDone =
          budget.left >= 0 && (await this.#tried(shard, (api, own) => kind.call(api, batch, own), operation));
        if (!isDone) failed.push(...batch.map(kind.keyOf));
      }
    });
    await Promise.all(work);
    return failed;
  }

  async #tried(
    shard: number,
    call: (api: ShardApi, operation: Operation) => Promise<Outcome>,
    operation: Operation,
  ): Promise<boolean> {
    try {
      await this.#change(shard, call, operation);
      return true;
    } catch {
      return false; // The caller hears of the keys, and repeats them.
    }
  }

  /** Of two items with one key the last stays the last: their order is kept. */
  #byShard<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<number, Item[]> {
    return Map.groupBy(items, (item) => this.#shardOf(keyOf(item)));
  }

  #shardOf(key: string): number {
    return shardOf(key, this.#shards);
  }
}

function* batchesOf<Item>(items: readonly Item[], bytesOf: (item: Item) => number): Generator<Item[]> {
  let batch: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const more = bytesOf(item);
    if (batch.length > 0 && bytes + more > MAX_BATCH_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}

function writeOf({ key, value, metadata, expiry }: Pair): Write {
  return { key, value, metadata: metadata === undefined ? undefined : JSON.stringify(metadata), expiry };
}

function entryOf({ value, metadata, expiresAt, version }: Stored): Entry {
  return {
    value,
    metadata: metadata === undefined ? undefined : (JSON.parse(metadata) as unknown),
    expiration: expiresAt === undefined ? undefined : secondsOf(expiresAt),
    version,
  };
}

/** The dialect counts in seconds: the first one in which the pair is gone. */
function secondsOf(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

function decode(decoder: TextDecoder, value: Uint8Array): string {
  try {
    return decoder.decode(value);
  } catch {
    throw invalid("A value is not valid UTF-8 text.");
  }
}
