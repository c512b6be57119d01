import type { KvError } from "./kv-error.ts";
import type { World } from "./world.ts";

/** How long a call may take, and who may end it early. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * For the whole call with all its requests and their repeats, in milliseconds. Without it each request has the
   * `deadlineMs` of `kvFromEnv`.
   */
  readonly deadlineMs?: number | undefined;
}

/** A call under way, of however many requests. */
export interface Call {
  readonly signal: AbortSignal | undefined;
  /** When it has to have ended, by `World.elapsed`. */
  readonly until: number | undefined;
}

/** Whose requests have the usual deadline each. */
export const PLAIN_CALL: Call = { signal: undefined, until: undefined };

/** The deadline of a call is that of all its requests: it begins here. */
export function begun({ signal, deadlineMs }: CallOptions, { elapsed }: Pick<World, "elapsed">): Call {
  return { signal, until: deadlineMs === undefined ? undefined : elapsed() + deadlineMs };
}

/** What became of a bulk. */
export interface BulkOutcome {
  /** The keys that were not changed, as far as is known. */
  readonly failed: readonly string[];
  /** Why the keys after a certain one were not reached. */
  readonly cause?: KvError;
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
  get(key: string, call: Call & { readonly isText?: boolean }): Promise<StoredPair | undefined>;
  /** At most 100 keys, all of them text. */
  getTexts(keys: readonly string[], call: Call): Promise<ReadonlyMap<string, StoredText>>;
  put(pair: WritePair, call: Call): Promise<void>;
  /** Any number of pairs. Throws where nothing was written, as far as is known. */
  putMany(pairs: readonly WritePair[], call: Call): Promise<BulkOutcome>;
  delete(key: string, call: Call): Promise<void>;
  /** Any number of keys. Throws where nothing was deleted, as far as is known. */
  deleteMany(keys: readonly string[], call: Call): Promise<BulkOutcome>;
  list(
    page: {
      readonly prefix?: string | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    },
    call: Call,
  ): Promise<ListPage>;
  /** Of strong namespaces. */
  atomic(operation: AtomicOperation, call: Call): Promise<AtomicResult>;
}
