import { KV_LIMITS } from "../core/limits.ts";
import { KvError } from "./kv-error.ts";

/** Names that begin so are the library's own: docs/kv-schema.md. */
export const RESERVED = "kvshift:";

const encoder = new TextEncoder();

/** @throws KvError KEY_INVALID with the rule that it breaks */
export function assertKey(key: string): void {
  if (typeof key !== "string" || key === "" || key === "." || key === "..") {
    throw invalid("A key is a string that is not empty, and neither . nor ..");
  }
  if (!key.isWellFormed()) throw invalid("A key has to be text that UTF-8 can hold.");
  if (key.startsWith(RESERVED)) throw invalid(`Keys that begin with ${RESERVED} belong to the library.`);
  // Three bytes a character are the most: only long keys are counted.
  if (key.length * 3 <= KV_LIMITS.MAX_KEY_BYTES) return;
  const size = encoder.encode(key).byteLength;
  if (size > KV_LIMITS.MAX_KEY_BYTES) {
    throw invalid(
      `A key takes ${String(KV_LIMITS.MAX_KEY_BYTES)} bytes at most, not ${String(size)}: store a hash of it.`,
    );
  }
}

function invalid(message: string): KvError {
  return new KvError("KEY_INVALID", message);
}
