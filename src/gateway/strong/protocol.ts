import type { Expiry, Operation } from "../store.ts";

/** What the gateway and the objects that hold strong namespaces say to each other. Everything can be cloned. */

export interface Stored {
  readonly value: Uint8Array;
  /** JSON text. */
  readonly metadata: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | undefined;
  readonly version: string;
}

export interface Write {
  readonly key: string;
  readonly value: Uint8Array;
  readonly metadata: string | undefined;
  readonly expiry: Expiry | undefined;
}

/** `unknown`: a repetition whose first attempt may or may not have been done, and forgotten since. */
export type Outcome = "done" | "unknown";

export interface ListedEntry {
  readonly key: string;
  readonly metadata: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | undefined;
}

export interface ShardPage {
  readonly entries: readonly ListedEntry[];
  readonly isComplete: boolean;
}

export interface ShardListOptions {
  readonly prefix: string;
  /** The page begins behind this key. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** What a shard has of some keys. */
export interface ShardValues {
  /** Of all values together. */
  readonly bytes: number;
  /** `undefined`: they are larger than what was asked for, and none was loaded. */
  readonly entries: readonly (readonly [string, Stored])[] | undefined;
}

/** An atomic operation on one key; see `docs/gateway.md`. */
export type AtomicRequest =
  | ({ readonly kind: "put-if-absent" } & Write)
  | ({ readonly kind: "put-if-unchanged"; readonly version: string } & Write)
  | {
      readonly kind: "increment";
      readonly key: string;
      readonly by: number;
      /** Only where the key does not exist yet. */
      readonly expiry: Expiry | undefined;
    }
  | { readonly kind: "touch"; readonly key: string; readonly expiry: Expiry | undefined }
  | { readonly kind: "get-and-delete"; readonly key: string };

export interface AtomicAnswer {
  /** Whether the entry is another one now. */
  readonly applied: boolean;
  /** Of the entry as it is now; `undefined`: there is none. */
  readonly version: string | undefined;
  readonly expiresAt: number | undefined;
  /** `increment`: the new number; `get-and-delete`: what was there, as base64. */
  readonly value: string | number | undefined;
  readonly metadata: string | undefined;
}

/** Why an atomic operation cannot be done at all. */
export type AtomicFailure = "not-a-number" | "out-of-range" | "too-large" | "other-request" | "bad-end";

export type AtomicResult = { readonly answer: AtomicAnswer } | { readonly failure: AtomicFailure };

/** One object: a part of the keys of one namespace. */
export interface ShardApi {
  get(key: string): Promise<Stored | undefined>;
  /** Loads no value. */
  metadata(key: string): Promise<Pick<Stored, "metadata"> | undefined>;
  /** `maxBytes`: of the values together; nothing is loaded where they are larger. */
  getMany(keys: readonly string[], maxBytes: number): Promise<ShardValues>;
  put(write: Write, operation: Operation): Promise<Outcome>;
  delete(key: string, operation: Operation): Promise<Outcome>;
  /** In one transaction. */
  putMany(writes: readonly Write[], operation: Operation): Promise<Outcome>;
  deleteMany(keys: readonly string[], operation: Operation): Promise<Outcome>;
  list(options: ShardListOptions): Promise<ShardPage>;
  /** `operationId` comes from the caller; it is remembered with its key and the answer. */
  atomic(request: AtomicRequest, operationId: string): Promise<AtomicResult>;
}
