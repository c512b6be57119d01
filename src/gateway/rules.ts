import { isJsonObject } from "../core/json-object.ts";
import { KV_LIMITS } from "../core/limits.ts";
import { invalid, type Refusal } from "./envelope.ts";
import type { Expiry, NamespaceStore } from "./store.ts";

const encoder = new TextEncoder();
/** The clock of the Workers runtime counts nanoseconds in 64 bits: it ends in April 2262. */
const LAST_SECOND = Math.floor(2 ** 63 / 1e9);

/** Refuses a name of a key that KV does not take: https://developers.cloudflare.com/kv/platform/limits/ */
export function assertKey(key: string): void {
  if (key === "" || key === "." || key === "..") throw invalid("The key name must not be empty, '.' or '..'.");
  if (!key.isWellFormed()) throw invalid("The key name is not valid Unicode.");
  assertKeyLength(key);
}

/** Also of a prefix: no key could begin with a longer one, and Workers KV refuses it. */
export function assertKeyLength(key: string): void {
  // No character takes more than three bytes a UTF-16 unit: most names need no encoding.
  if (key.length * 3 <= KV_LIMITS.MAX_KEY_BYTES) return;
  const bytes = encoder.encode(key).byteLength;
  if (bytes <= KV_LIMITS.MAX_KEY_BYTES) return;
  throw invalid(`UTF-8 encoded length of ${bytes} exceeds key length limit of ${KV_LIMITS.MAX_KEY_BYTES}.`, 414);
}

export function assertValueSize(bytes: number): void {
  if (bytes <= KV_LIMITS.MAX_VALUE_BYTES) return;
  throw invalid(`Value length of ${bytes} exceeds limit of ${KV_LIMITS.MAX_VALUE_BYTES}.`, 413);
}

const textDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A value as text, marks of the byte order included; refused where it is none. */
export function valueText(value: Uint8Array): string {
  try {
    return textDecoder.decode(value);
  } catch {
    throw invalid("A value is not valid UTF-8 text.");
  }
}

/** The JSON text of metadata, as it is stored. What is far too large is refused before it is written out. */
export function metadataText(metadata: unknown): string {
  if (exceeds(metadata, KV_LIMITS.MAX_METADATA_BYTES)) throw metadataTooLarge("");
  const text = JSON.stringify(metadata);
  assertMetadataBytes(encoder.encode(text).byteLength);
  return text;
}

/** Whether the JSON of a value is longer than `max`, by the least that it can be. Looks at no more than `max` nodes. */
function exceeds(value: unknown, max: number): boolean {
  const waiting: unknown[] = [value];
  let least = 0;
  while (waiting.length > 0 && least <= max) {
    const node = waiting.pop();
    least += typeof node === "string" ? node.length : 1;
    if (Array.isArray(node)) for (const item of node.slice(0, max)) waiting.push(item);
    else if (isJsonObject(node)) {
      for (const key in node) {
        least += key.length;
        if (least > max) break;
        waiting.push(node[key]);
      }
    }
  }
  return least > max;
}

export function assertMetadataBytes(bytes: number): void {
  if (bytes <= KV_LIMITS.MAX_METADATA_BYTES) return;
  throw metadataTooLarge(` of ${bytes}`);
}

function metadataTooLarge(length: string): Refusal {
  return invalid(`Metadata length${length} exceeds limit of ${KV_LIMITS.MAX_METADATA_BYTES}.`, 413);
}

/** Refuses an end that the store cannot keep; a lifetime wins over a point in time. `now`: milliseconds since the epoch. */
export function expiryOf(
  wanted: { readonly expiration: number | undefined; readonly expirationTtl: number | undefined },
  { minTtlSeconds, maxExpirySeconds = LAST_SECOND }: Pick<NamespaceStore, "minTtlSeconds" | "maxExpirySeconds">,
  now: number,
): Expiry | undefined {
  const { expiration, expirationTtl } = wanted;
  const written = expirationTtl ?? expiration;
  if (Number.isNaN(written)) {
    const name = expirationTtl === undefined ? "expiration" : "expiration_ttl";
    throw invalid(`Invalid ${name}. It must be a whole number of seconds.`);
  }
  const seconds = expirationTtl ?? expiration ?? 0;
  const end = expirationTtl === undefined ? seconds : now / 1000 + expirationTtl;
  if (seconds > maxExpirySeconds || end > LAST_SECOND)
    throw invalid("The expiration is too far in the future. It is counted in seconds.");
  if (expirationTtl !== undefined) {
    if (Number.isSafeInteger(expirationTtl) && expirationTtl >= minTtlSeconds) return { ttlSeconds: expirationTtl };
    throw invalid(`Invalid expiration_ttl of ${expirationTtl}. Expiration TTL must be at least ${minTtlSeconds}.`);
  }
  if (expiration === undefined) return undefined;
  if (Number.isSafeInteger(expiration) && expiration >= Math.floor(now / 1000) + minTtlSeconds) {
    return { atSeconds: expiration };
  }
  throw invalid(
    `Invalid expiration of ${expiration}. Expiration times must be at least ${minTtlSeconds} seconds in the future.`,
  );
}

/** Whether an end is at least a second ahead, and before the clock of the runtime ends. `now`: milliseconds since the epoch. */
export function liesAhead(expiry: Expiry | undefined, now: number): boolean {
  if (expiry === undefined) return true;
  if ("ttlSeconds" in expiry) return now / 1000 + expiry.ttlSeconds <= LAST_SECOND;
  return expiry.atSeconds > Math.floor(now / 1000);
}

/** A number of a request that may be left out; `NaN` where it is something else. */
export function optionalNumber(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "number" ? value : Number.NaN;
}
