import { KV_LIMITS } from "../../src/core/limits.ts";
import { ApiError, CODES } from "./envelope.ts";

/** The clock of the Workers runtime counts nanoseconds in 64 bits. */
const LAST_SECOND = Math.floor(2 ** 63 / 1e9);

/** Refuses a key name that KV does not take. */
export function assertKeyName(name: string): void {
  if (name === "" || name === "." || name === "..") throw refused(400, "The key name must not be empty, '.' or '..'.");
  if (!name.isWellFormed()) throw refused(400, "The key name is not valid Unicode.");
  assertKeyLength(name);
}

/** Also of a prefix: a binding of the Workers runtime refuses a longer one in these words. */
export function assertKeyLength(name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes > KV_LIMITS.MAX_KEY_BYTES) {
    throw refused(
      414,
      `UTF-8 encoded length of ${String(bytes)} exceeds key length limit of ${String(KV_LIMITS.MAX_KEY_BYTES)}.`,
    );
  }
}

export function assertValueSize(bytes: number): void {
  if (bytes <= KV_LIMITS.MAX_VALUE_BYTES) return;
  throw refused(413, `Value length of ${String(bytes)} exceeds limit of ${String(KV_LIMITS.MAX_VALUE_BYTES)}.`);
}

/** `serialised`: the JSON text as it is stored. */
export function assertMetadataSize(serialised: string): void {
  const bytes = Buffer.byteLength(serialised);
  if (bytes <= KV_LIMITS.MAX_METADATA_BYTES) return;
  throw refused(413, `Metadata length of ${String(bytes)} exceeds limit of ${String(KV_LIMITS.MAX_METADATA_BYTES)}.`);
}

/** Seconds since the epoch at which a pair ends, or `undefined`. A lifetime wins over a point in time. */
export function expirationOf(
  wanted: { expiration: number | undefined; expirationTtl: number | undefined },
  nowMilliseconds: number,
): number | undefined {
  const now = Math.floor(nowMilliseconds / 1000);
  const min = KV_LIMITS.MIN_EXPIRATION_TTL_SECONDS;
  const { expiration, expirationTtl } = wanted;
  // Milliseconds, most of the time. Where Cloudflare's own limit is, it does not publish.
  if ((expirationTtl ?? expiration ?? 0) > LAST_SECOND) throw refused(400, "The expiration is too far in the future.");
  if (expirationTtl !== undefined) {
    if (!Number.isSafeInteger(expirationTtl) || expirationTtl < min) {
      throw refused(
        400,
        `Invalid expiration_ttl of ${String(expirationTtl)}. Expiration TTL must be at least ${String(min)}.`,
      );
    }
    return now + expirationTtl;
  }
  if (expiration === undefined) return undefined;
  if (!Number.isSafeInteger(expiration) || expiration < now + min) {
    throw refused(
      400,
      `Invalid expiration of ${String(expiration)}. Expiration times must be at least ${String(min)} seconds in the future.`,
    );
  }
  return expiration;
}

function refused(status: 400 | 413 | 414, message: string): ApiError {
  return new ApiError(status, { code: CODES.KV_INVALID, message });
}
