/** How long a call may take, and who may end it early. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** For the whole call with its repeats, in milliseconds. */
  readonly deadlineMs?: number | undefined;
}

/** A pair as it is stored. */
export interface StoredPair {
  readonly bytes: Uint8Array;
  readonly metadata: unknown;
  /** Of a strong namespace: for `putIfUnchanged`. */
  readonly version?: string | undefined;
}

/** A pair of a bulk read, which is text only. */
export interface StoredText {
  readonly text: string;
  readonly metadata: unknown;
}

/** When a pair ends: seconds from now, or milliseconds since the epoch. */
export type StoredExpiry = { readonly ttlSeconds: number } | { readonly atMs: number } | undefined;

export interface WritePair {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly metadata: unknown;
  readonly expiry: StoredExpiry;
}

export interface ListedKey {
  readonly key: string;
  /** Milliseconds since the epoch, to the second. */
  readonly expiresAt?: number | undefined;
  readonly metadata: unknown;
}

export interface ListPage {
  readonly keys: readonly ListedKey[];
  /** Absent at the end. */
  readonly cursor?: string | undefined;
}

/** One atomic operation on a strong namespace: docs/gateway.md. */
export type AtomicOperation =
  | ({ readonly operation: "put-if-absent" } & WritePair)
  | ({ readonly operation: "put-if-unchanged"; readonly version: string } & WritePair)
  | { readonly operation: "increment"; readonly key: string; readonly by: number; readonly ttlSeconds?: number }
  | { readonly operation: "touch"; readonly key: string; readonly expiry: StoredExpiry }
  | { readonly operation: "get-and-delete"; readonly key: string };

export interface AtomicResult {
  readonly applied: boolean;
  readonly version: string | undefined;
  /** Of `increment` the number, of `get-and-delete` the value. */
  readonly bytes: Uint8Array | undefined;
  readonly metadata: unknown;
}

/** One namespace, however it is reached. Every call throws `KvError`. */
export interface Transport {
  /** `isText`: what is there is text, as far as is known. */
  get(key: string, options: CallOptions & { readonly isText?: boolean }): Promise<StoredPair | undefined>;
  /** At most 100 keys, all of them text. */
  getTexts(keys: readonly string[], options: CallOptions): Promise<ReadonlyMap<string, StoredText>>;
  put(pair: WritePair, options: CallOptions): Promise<void>;
  /** Any number of pairs. Returns the keys that were not written. */
  putMany(pairs: readonly WritePair[], options: CallOptions): Promise<readonly string[]>;
  delete(key: string, options: CallOptions): Promise<void>;
  /** Any number of keys. Returns those that were not deleted. */
  deleteMany(keys: readonly string[], options: CallOptions): Promise<readonly string[]>;
  list(
    page: {
      readonly prefix?: string | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    },
    options: CallOptions,
  ): Promise<ListPage>;
  /** Of strong namespaces. */
  atomic(operation: AtomicOperation, options: CallOptions): Promise<AtomicResult>;
}
