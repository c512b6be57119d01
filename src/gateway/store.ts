import type { Consistency } from "../core/names.ts";

/** When a pair ends: a lifetime or a point in time, both in seconds. */
export type Expiry = { readonly ttlSeconds: number } | { readonly atSeconds: number };

export interface Pair {
  readonly key: string;
  readonly value: Uint8Array;
  /** Any JSON; `undefined`: none. */
  readonly metadata: unknown;
  readonly expiry: Expiry | undefined;
}

export interface Entry {
  readonly value: Uint8Array | ReadableStream<Uint8Array>;
  /** `undefined`: none. */
  readonly metadata: unknown;
  /** Seconds since the epoch; `undefined`: none, or not known to the store. */
  readonly expiration: number | undefined;
  /** Changes with every write; `undefined` where the store has none. */
  readonly version: string | undefined;
}

/** An entry whose value is text. */
export interface TextEntry extends Pick<Entry, "metadata" | "expiration"> {
  readonly text: string;
}

export interface ListedKey {
  readonly name: string;
  readonly expiration?: number;
  readonly metadata?: unknown;
}

export interface KeyPage {
  readonly keys: readonly ListedKey[];
  /** `undefined`: this is the last page. */
  readonly cursor: string | undefined;
}

export interface ListOptions {
  readonly prefix: string;
  /** As a page before gave it; `undefined`: from the start. */
  readonly cursor: string | undefined;
  readonly limit: number;
}

/** One call that changes something. `id` is the same in a repetition. */
export interface Operation {
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly isRepeat: boolean;
}

/** How many calls to storage one request may still make: Workers allow 1,000 in one invocation. */
export interface StorageBudget {
  left: number;
  /** What the last call that failed threw, for the log: a bulk answers with the keys alone. */
  failure?: unknown;
}

/**
 * The pairs of one namespace. Keys and sizes were checked before. Bulk operations return the keys that did not
 * succeed, those beyond the budget too; the caller repeats them, as the same operation.
 */
export interface NamespaceStore {
  readonly consistency: Consistency;
  /** The shortest lifetime that it takes. */
  readonly minTtlSeconds: number;
  /** The largest number that it takes as a lifetime or a point in time; absent: any that makes sense. */
  readonly maxExpirySeconds?: number;
  get(key: string): Promise<Entry | undefined>;
  /** The metadata of an entry, without its value as far as the store can; `undefined`: there is no entry. */
  metadata(key: string): Promise<Pick<Entry, "metadata"> | undefined>;
  put(pair: Pair): Promise<void>;
  delete(key: string): Promise<void>;
  list(options: ListOptions): Promise<KeyPage>;
  /** Up to 100 keys. A value that is no UTF-8 text is refused. Missing keys are not in the map. */
  getMany(keys: readonly string[]): Promise<ReadonlyMap<string, TextEntry>>;
  /** How many calls to storage a bulk takes at most. `bytes`: of all its values. */
  callsFor(items: number, bytes: number): number;
  putMany(pairs: readonly Pair[], budget: StorageBudget, operation: Operation): Promise<string[]>;
  deleteMany(keys: readonly string[], budget: StorageBudget, operation: Operation): Promise<string[]>;
}
