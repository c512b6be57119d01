import { KvError } from "./kv-error.ts";
import { jsonText, type JsonOptions } from "./json-text.ts";

/** Turns values into the bytes that are stored, and back. */
export interface Codec<Value> {
  /** Stands in the metadata of each pair. */
  readonly name: string;
  /** Whether the bytes are UTF-8 text: only text can be read in bulk. */
  readonly isText: boolean;
  /** @throws KvError VALUE_NOT_ENCODABLE */
  encode(value: Value): Uint8Array;
  /** @throws KvError VALUE_INVALID */
  decode(bytes: Uint8Array): Value;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 bytes as text. @throws KvError VALUE_INVALID */
export function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new KvError("VALUE_INVALID", "The stored value is no UTF-8 text.");
  }
}

/**
 * JSON that comes back as it went in. Refused is what JSON would change: `undefined`, `NaN`, `BigInt`, dates, instances
 * of classes, cycles, lone surrogates. `options` say otherwise for some of it.
 */
export function json<Value = unknown>(options: JsonOptions = {}): Codec<Value> {
  return {
    name: "json",
    isText: true,
    encode: (value) => encoder.encode(jsonText(value, options)),
    decode: (bytes) => {
      try {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a namespace holds is its owner's word; a schema proves it
        return JSON.parse(textOf(bytes)) as Value;
      } catch (error) {
        if (error instanceof KvError) throw error;
        throw new KvError("VALUE_INVALID", "The stored value is no JSON.");
      }
    },
  };
}

/** Plain text. */
export function text(): Codec<string> {
  return {
    name: "text",
    isText: true,
    encode: (value) => {
      if (typeof value === "string" && value.isWellFormed()) return encoder.encode(value);
      throw new KvError("VALUE_NOT_ENCODABLE", "The value is no string, or one that UTF-8 cannot hold.");
    },
    decode: textOf,
  };
}

/** Bytes as they are. */
export function bytes(): Codec<Uint8Array> {
  return {
    name: "bytes",
    isText: false,
    encode: (value) => {
      if (value instanceof Uint8Array) return value;
      throw new KvError("VALUE_NOT_ENCODABLE", "The value is no Uint8Array.");
    },
    decode: (value) => value,
  };
}
