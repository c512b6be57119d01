/**
 * The part of a KV binding that the gateway and the library use, as Workers have it. The real one comes from the runtime; the local
 * cloud has one that behaves as Cloudflare describes its network.
 * https://developers.cloudflare.com/kv/api/
 */
export interface KvBinding {
  getWithMetadata(
    key: string,
    options: { readonly type: "stream"; readonly cacheTtl?: number },
  ): Promise<{ readonly value: ReadableStream<Uint8Array> | null; readonly metadata: unknown }>;
  /** Up to 100 keys; a value that is no UTF-8 text fails the call. Missing keys: `null`, or `value: null`. */
  getWithMetadata(
    keys: readonly string[],
    options: { readonly type: "text"; readonly cacheTtl?: number },
  ): Promise<ReadonlyMap<string, { readonly value: string | null; readonly metadata: unknown } | null>>;
  put(
    key: string,
    value: Uint8Array | ReadableStream<Uint8Array>,
    /** Seconds since the epoch, or from now; at least 60 ahead. */
    options: { readonly expiration?: number; readonly expirationTtl?: number; readonly metadata?: unknown },
  ): Promise<void>;
  delete(key: string): Promise<void>;
  list(options: {
    readonly prefix?: string;
    readonly limit?: number;
    readonly cursor?: string;
  }): Promise<
    | { readonly keys: readonly KvListedKey[]; readonly list_complete: true }
    | { readonly keys: readonly KvListedKey[]; readonly list_complete: false; readonly cursor: string }
  >;
}

export interface KvListedKey {
  readonly name: string;
  /** Seconds since the epoch. */
  readonly expiration?: number;
  readonly metadata?: unknown;
}
