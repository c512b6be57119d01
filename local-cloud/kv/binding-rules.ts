import { KV_LIMITS } from "../../src/core/limits.ts";

/** As the runtime names them in its messages: a list is a GET there. */
export type Operation = "GET" | "GET_BULK" | "PUT" | "DELETE";

const DEFAULT_CACHE_TTL_SECONDS = 60;

/** Bytes. These rules also run inside Workers, where there is no `Buffer`. */
function utf8Length(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

/** A refusal in the form that the binding gives it; the gateway reads the status from it. */
export function failure(operation: Operation, status: number, reason: string): Error {
  return new Error(`KV ${operation} failed: ${status} ${reason}`);
}

/** Refuses what the runtime does not even send, then what KV does not take. */
export function assertKey(operation: Operation, key: string): void {
  if (key === "") throw new TypeError("Key name cannot be empty.");
  if (key === "." || key === "..") throw new TypeError(`"${key}" is not allowed as a key name.`);
  assertKeyLength(operation, key);
  if (!key.isWellFormed()) throw failure(operation, 400, "Could not URL-decode key name");
}

/** A prefix may be empty, or a name that no key may have. */
export function checkedPrefix(prefix: string | undefined): string {
  if (prefix === undefined) return "";
  assertKeyLength("GET", prefix);
  return asReceived(prefix);
}

function assertKeyLength(operation: Operation, key: string): void {
  const bytes = utf8Length(key);
  const max = KV_LIMITS.MAX_KEY_BYTES;
  if (bytes > max) {
    throw failure(operation, 414, `UTF-8 encoded length of ${bytes} exceeds key length limit of ${max}.`);
  }
}

/** The runtime sends half a surrogate pair as three bytes that are no UTF-8; where that is no error, each is lost. */
function asReceived(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "\ufffd".repeat(3));
}

/** The keys of a bulk read: the runtime leaves their names to KV. */
export function checkedKeys(keys: readonly string[]): string[] {
  const max = KV_LIMITS.MAX_BULK_GET_KEYS;
  if (keys.length > max) throw failure("GET_BULK", 400, `You can request a maximum of ${max} keys`);
  if (keys.length === 0) throw failure("GET_BULK", 400, "You must request a minimum of 1 key");
  for (const key of keys) {
    if (key === "") throw failure("GET_BULK", 400, "Key names must not be empty");
    if (key === "." || key === "..") {
      throw failure("GET_BULK", 400, `Illegal key name "${key}". Please use a different name.`);
    }
    assertKeyLength("GET_BULK", key);
  }
  return keys.map(asReceived);
}

/** In seconds as the caller gives it, in milliseconds as it is used. */
export function cacheTtlMs(operation: Operation, cacheTtl: number | undefined): number {
  const min = KV_LIMITS.MIN_CACHE_TTL_SECONDS;
  const seconds = cacheTtl ?? DEFAULT_CACHE_TTL_SECONDS;
  if (seconds >= min) return Math.trunc(seconds) * 1000;
  throw failure(operation, 400, `Invalid cache_ttl of ${seconds}. Cache TTL must be at least ${min}.`);
}

/** Seconds since the epoch, or `undefined` for never. A lifetime wins over a point in time. */
export function expirationOf(
  wanted: { readonly expiration?: number; readonly expirationTtl?: number },
  nowMs: number,
): number | undefined {
  const now = Math.floor(nowMs / 1000);
  const min = KV_LIMITS.MIN_EXPIRATION_TTL_SECONDS;
  if (wanted.expirationTtl !== undefined) {
    const ttl = integerOf(wanted.expirationTtl);
    if (ttl >= min) return now + ttl;
    const rule = ttl > 0 ? `Expiration TTL must be at least ${min}.` : "Please specify integer greater than 0.";
    throw failure("PUT", 400, `Invalid expiration_ttl of ${ttl}. ${rule}`);
  }
  if (wanted.expiration === undefined) return undefined;
  const expiration = integerOf(wanted.expiration);
  if (expiration >= now + min) return expiration;
  const rule =
    expiration > now
      ? `Expiration times must be at least ${min} seconds in the future.`
      : "Please specify integer greater than the current number of seconds since the UNIX epoch.";
  throw failure("PUT", 400, `Invalid expiration of ${expiration}. ${rule}`);
}

/** As the runtime turns a number of JavaScript into one of its own. */
function integerOf(value: number): number {
  return Number.isFinite(value) ? Math.trunc(value) : 0;
}

/** JSON text, or `undefined` for none: `null` counts as none. */
export function serialisedMetadata(metadata: unknown): string | undefined {
  // It has no text for `undefined` and for functions, whatever its type says.
  const text = JSON.stringify(metadata) as string | undefined;
  if (text === undefined || text === "null") return undefined;
  const bytes = utf8Length(text);
  const max = KV_LIMITS.MAX_METADATA_BYTES;
  if (bytes <= max) return text;
  throw failure("PUT", 413, `Metadata length of ${bytes} exceeds limit of ${max}.`);
}

export function assertValueSize(bytes: number): void {
  const max = KV_LIMITS.MAX_VALUE_BYTES;
  if (bytes > max) throw failure("PUT", 413, `Value length of ${bytes} exceeds limit of ${max}.`);
}

/** One bound for all values of an answer: that of Miniflare; the documents name none. */
export function assertBulkSize(bytes: number): void {
  if (bytes <= KV_LIMITS.MAX_VALUE_BYTES) return;
  throw failure("GET_BULK", 413, "Total size of request exceeds the limit of 25MB");
}

/** The runtime takes a limit below 1 for none; nobody means that, so it is refused here. */
export function listLimit(limit: number | undefined): number {
  const max = KV_LIMITS.MAX_LIST_KEYS;
  const wanted = limit === undefined ? max : integerOf(limit);
  if (wanted >= 1 && wanted <= max) return wanted;
  const bound = wanted > max ? `less than ${max}` : "greater than 0";
  throw failure("GET", 400, `Invalid key_count_limit of ${wanted}. Please specify an integer ${bound}.`);
}
