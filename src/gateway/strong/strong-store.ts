import { KV_LIMITS } from "../../core/limits.ts";
import { compareAsUtf8 } from "../../core/utf8-order.ts";
import { invalid, type Refusal, unavailable } from "../envelope.ts";
import { valueText } from "../rules.ts";
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
import type {
  AtomicRequest,
  AtomicResult,
  ListedEntry,
  Outcome,
  ShardApi,
  ShardValues,
  Stored,
  Write,
} from "./protocol.ts";
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

  async metadata(key: string): Promise<Pick<Entry, "metadata"> | undefined> {
    const found = await this.#caller.call(this.#shardOf(key), (shard) => shard.metadata(key));
    return found && { metadata: parsedMetadata(found.metadata) };
  }

  async put(pair: Pair): Promise<void> {
    const write = writeOf(pair);
    await this.#change(this.#shardOf(pair.key), (shard, operation) => shard.put(write, operation));
  }

  async delete(key: string): Promise<void> {
    await this.#change(this.#shardOf(key), (shard, operation) => shard.delete(key, operation));
  }

  /**
   * Each shard gives its own next keys; the smallest of all are the page. A key that stays is in exactly one page. Keys
   * are spread evenly, so that a share of the page is asked of each, and more only of those whose share was not enough.
   */
  async list({ prefix, cursor, limit }: ListOptions): Promise<KeyPage> {
    const after = cursor === undefined ? undefined : keyBefore(cursor, prefix);
    const share = Math.min(limit, Math.ceil(limit / this.#shards + 4 * Math.sqrt(limit / this.#shards) + 8));
    const heads = Array.from({ length: this.#shards }, (_, shard) => new ShardHead(shard, after, share));
    const page: ListedEntry[] = [];
    while (page.length < limit) {
      await Promise.all(
        heads.filter((head) => head.isExhausted).map((head) => head.refill(this.#caller, { prefix, limit })),
      );
      const before = page.length;
      takeSmallest(heads, page, limit);
      if (page.length === before) break;
    }
    const last = page.at(-1);
    const isComplete = heads.every((head) => head.isDone);
    return {
      keys: page.map(({ key, metadata, expiresAt }) => ({
        name: key,
        ...(expiresAt === undefined ? {} : { expiration: secondsOf(expiresAt) }),
        ...(metadata === undefined ? {} : { metadata: JSON.parse(metadata) as unknown }),
      })),
      cursor: isComplete || last === undefined ? undefined : cursorAfter(prefix, last.key),
    };
  }

  /**
   * No object loads what all of them together may not answer: each gives its values where they fit into its share, else
   * their size alone; they are loaded when it is known that the sum fits.
   */
  async getMany(keys: readonly string[]): Promise<ReadonlyMap<string, TextEntry>> {
    const asked = [...this.#byShard(keys, (key) => key)];
    const share = Math.floor(KV_LIMITS.MAX_VALUE_BYTES / asked.length);
    const ask = ([shard, some]: readonly [number, readonly string[]], maxBytes: number): Promise<ShardValues> =>
      this.#caller.call(shard, (api) => api.getMany(some, maxBytes));
    const first = await Promise.all(asked.map((part) => ask(part, share)));
    if (first.reduce((sum, { bytes }) => sum + bytes, 0) > KV_LIMITS.MAX_VALUE_BYTES) throw tooMuch();
    const parts = await Promise.all(
      asked.map(async (part, index) => first[index]?.entries ?? (await ask(part, KV_LIMITS.MAX_VALUE_BYTES)).entries),
    );
    return new Map(
      parts.flatMap((entries) => {
        // They have grown in between.
        if (entries === undefined) throw tooMuch();
        return entries.map(([key, stored]) => {
          const { metadata, expiration } = entryOf(stored);
          return [key, { text: valueText(stored.value), metadata, expiration }] as const;
        });
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
          budget.left >= 0 && (await this.#tried(shard, (api, own) => kind.call(api, batch, own), operation, budget));
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
    budget: StorageBudget,
  ): Promise<boolean> {
    try {
      await this.#change(shard, call, operation);
      return true;
    } catch (error) {
      budget.failure = error;
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

/** The next keys of one shard, as far as they are known. */
class ShardHead {
  readonly #shard: number;
  #after: string | undefined;
  #share: number;
  #entries: readonly ListedEntry[] = [];
  #at = 0;
  #isComplete = false;

  constructor(shard: number, after: string | undefined, share: number) {
    this.#shard = shard;
    this.#after = after;
    this.#share = share;
  }

  /** Whether the shard has to be asked before anything can be said of its next key. */
  get isExhausted(): boolean {
    return this.#at === this.#entries.length && !this.#isComplete;
  }

  /** Whether there is nothing more, here and at the shard. */
  get isDone(): boolean {
    return this.#at === this.#entries.length && this.#isComplete;
  }

  /** The last key that is known, where there may be more behind it. */
  get bound(): string | undefined {
    return this.#isComplete ? undefined : this.#entries.at(-1)?.key;
  }

  /** What is known and not taken yet, up to a key; all of it without one. */
  upTo(bound: string | undefined): readonly ListedEntry[] {
    const left = this.#entries.slice(this.#at);
    return bound === undefined ? left : left.filter(({ key }) => compareAsUtf8(key, bound) <= 0);
  }

  take(): void {
    this.#at += 1;
  }

  async refill(caller: ShardCaller, { prefix, limit }: Pick<ListOptions, "prefix" | "limit">): Promise<void> {
    const options = { prefix, after: this.#after, limit: this.#share };
    const page = await caller.call(this.#shard, (api) => api.list(options));
    this.#entries = page.entries;
    this.#at = 0;
    this.#isComplete = page.isComplete;
    this.#after = page.entries.at(-1)?.key ?? this.#after;
    // Whoever has more than its share may have much more.
    this.#share = Math.min(limit, this.#share * 2);
  }
}

/** Moves the smallest keys into the page, as far as no shard that was not asked may have a smaller one. */
function takeSmallest(heads: readonly ShardHead[], page: ListedEntry[], limit: number): void {
  const bounds = heads.flatMap((head) => head.bound ?? []);
  const bound = bounds.reduce<string | undefined>(
    (least, key) => (least === undefined || compareAsUtf8(key, least) < 0 ? key : least),
    undefined,
  );
  const known = heads.flatMap((head) => head.upTo(bound).map((entry) => ({ head, entry })));
  known.sort((one, other) => compareAsUtf8(one.entry.key, other.entry.key));
  for (const { head, entry } of known.slice(0, limit - page.length)) {
    page.push(entry);
    head.take();
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
    metadata: parsedMetadata(metadata),
    expiration: expiresAt === undefined ? undefined : secondsOf(expiresAt),
    version,
  };
}

function parsedMetadata(text: string | undefined): unknown {
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

/** The dialect counts in seconds: the first one in which the pair is gone. */
function secondsOf(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

function tooMuch(): Refusal {
  return invalid(`Total size of values exceeds ${KV_LIMITS.MAX_VALUE_BYTES} bytes.`, 413);
}
