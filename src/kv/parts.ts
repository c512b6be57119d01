import { KV_LIMITS } from "../core/limits.ts";
import { KvError } from "./kv-error.ts";
import { parsedOr, recordOf } from "./json-record.ts";
import { hexOf, sha256 } from "./digest.ts";
import { RESERVED } from "./key.ts";
import { inLanes } from "./lanes.ts";
import { textOf } from "./codec.ts";
import type { Call, Transport, WritePair } from "./transport.ts";

/** What stands under the key of a value that is split: docs/kv-schema.md. */
export interface Manifest {
  /** Id of the write that the parts belong to: no two writes share a part. */
  readonly write: string;
  readonly count: number;
  readonly bytes: number;
  /** Of the whole, in hexadecimal. */
  readonly sha256: string;
  /** When it was written, in milliseconds since the epoch. */
  readonly at: number;
}

export const PART_PREFIX = `${RESERVED}part:`;
/** A manifest that is still read must not lose its parts to a clock that runs ahead. */
const PARTS_OUTLIVE_MS = 3_600_000;
/** Whoever writes for longer has died. */
const LONGEST_WRITE_MS = 3_600_000;
const AT_ONCE = 3;
/** A location may see the manifest before a part. */
const PART_TRIES = 3;

/** Writes the parts of a value, and returns the manifest that makes them one; that is to be written last. */
export async function writeParts(
  transport: Transport,
  { key, bytes, expiry }: Pick<WritePair, "key" | "bytes" | "expiry">,
  { write, at, maxPartBytes }: { readonly write: string; readonly at: number; readonly maxPartBytes: number },
  call: Call,
): Promise<Uint8Array> {
  const count = Math.ceil(bytes.length / maxPartBytes);
  const until = expiry !== undefined && "atMs" in expiry ? { atMs: expiry.atMs + PARTS_OUTLIVE_MS } : undefined;
  await inLanes(Array(count).keys(), AT_ONCE, async (part) => {
    const content = bytes.subarray(part * maxPartBytes, (part + 1) * maxPartBytes);
    const pair = { key: partKey(write, part), bytes: content, metadata: { o: key, t: at }, expiry: until };
    await transport.put(pair, call);
  });
  const manifest: Manifest = { write, count, bytes: bytes.length, sha256: hexOf(await sha256(bytes)), at };
  return new TextEncoder().encode(JSON.stringify({ kvshift: "parts", ...manifest }));
}

/** A part names the key of its value. @throws KvError METADATA_TOO_LARGE: the key takes more as JSON than metadata has */
export function assertPartsFit(key: string): void {
  const bytes = new TextEncoder().encode(JSON.stringify({ o: key, t: Number.MAX_SAFE_INTEGER })).length;
  if (bytes <= KV_LIMITS.MAX_METADATA_BYTES) return;
  throw new KvError(
    "METADATA_TOO_LARGE",
    `The value has to be split, and its key is too long to be named by each part: ${String(bytes)} bytes of metadata, of which KV takes ${String(KV_LIMITS.MAX_METADATA_BYTES)}.`,
  );
}

/** The value of a manifest. @throws KvError PART_MISSING, VALUE_INVALID: never a value that was not written as a whole */
export async function readParts(
  transport: Transport,
  { write, count, bytes: size, sha256: sum }: Manifest,
  call: Call,
): Promise<Uint8Array> {
  const first = await partOf(transport, write, 0, call);
  // Before the memory is taken: a manifest may say anything.
  if (count * first.length < size) throw differing();
  const whole = new Uint8Array(size);
  const lengths = Array.from({ length: count }, () => 0);
  await inLanes(Array(count).keys(), AT_ONCE, async (part) => {
    const content = part === 0 ? first : await partOf(transport, write, part, call);
    const at = part * first.length;
    if (at + content.length <= size) whole.set(content, at);
    lengths[part] = content.length;
  });
  const total = lengths.reduce((sumOf, length) => sumOf + length, 0);
  if (total === size && hexOf(await sha256(whole)) === sum) return whole;
  throw differing();
}

function differing(): KvError {
  return new KvError("VALUE_INVALID", "The parts of a split value are not those that its manifest names.");
}

/** @throws KvError VALUE_INVALID */
export function manifestIn(bytes: Uint8Array, maxBytes: number): Manifest {
  const { write, count, bytes: size, sha256: sum, at } = recordOf(parsedOr(textOf(bytes), undefined));
  const isWhole = typeof write === "string" && typeof sum === "string" && typeof at === "number";
  if (isWhole && isCount(count, MAX_PARTS) && isCount(size, maxBytes))
    return { write, count, bytes: size, sha256: sum, at };
  throw new KvError("VALUE_INVALID", "The manifest of a split value cannot be read.");
}

/** What the metadata of a part says of it; `undefined` where it is none. */
export function partIn(key: string, metadata: unknown) {
  const { o: owner, t: at } = recordOf(metadata);
  const [write = ""] = key.slice(PART_PREFIX.length).split(":");
  return typeof owner === "string" && typeof at === "number" ? { owner, write, at } : undefined;
}

/** The same, and `otherwise` where it cannot be read. */
export function manifestOr<Otherwise>(bytes: Uint8Array, otherwise: Otherwise): Manifest | Otherwise {
  try {
    return manifestIn(bytes, Infinity);
  } catch {
    return otherwise;
  }
}

const MAX_PARTS = 10_000;

function isCount(value: unknown, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= max;
}

/**
 * Whether a part belongs to no value any more. `manifest`: what stands under the key of its value now. Old parts stay for
 * as long as a reader may still see the manifest before: `budgetMs`.
 */
export function isLeftBehind(
  part: { readonly write: string; readonly at: number },
  manifest: Pick<Manifest, "write" | "at"> | undefined,
  budgetMs: number,
  now: number,
): boolean {
  if (now - part.at < LONGEST_WRITE_MS + budgetMs || manifest?.write === part.write) return false;
  return manifest === undefined || now - manifest.at > budgetMs;
}

export function partKey(write: string, part: number): string {
  return `${PART_PREFIX}${write}:${String(part)}`;
}

async function partOf(transport: Transport, write: string, part: number, call: Call): Promise<Uint8Array> {
  for (let attempt = 0; attempt < PART_TRIES; attempt += 1) {
    const found = await transport.get(partKey(write, part), call);
    if (found !== undefined) return found.bytes;
  }
  throw new KvError(
    "PART_MISSING",
    "A part of a split value is not there: it has not arrived here yet, or the value was replaced.",
  );
}
