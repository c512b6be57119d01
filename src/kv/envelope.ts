import { KV_LIMITS } from "../core/limits.ts";
import { jsonText } from "./json-text.ts";
import { KvError } from "./kv-error.ts";

/**
 * What the metadata of a pair says of its value: docs/kv-schema.md. The value itself is the plain bytes of its codec, so
 * that any client can read it.
 */
export interface Envelope {
  /** Name of the codec. */
  readonly codec: string;
  /** Of an eventual namespace: when the pair ends, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
  /** Until when it is as good as new; later it may be handed out while another one is made. Milliseconds. */
  readonly freshUntil?: number | undefined;
  /** Version of what the value means, counted by the application. */
  readonly schemaVersion?: number | undefined;
  /** How the bytes are packed. */
  readonly packing?: "gzip" | undefined;
  /** The value is the manifest of a split one. */
  readonly isManifest?: boolean | undefined;
  /** The application's own. */
  readonly metadata?: unknown;
}

/** Version of this form. */
const FORM = 1;

/** @throws KvError METADATA_TOO_LARGE, VALUE_NOT_ENCODABLE */
export function metadataOf(envelope: Envelope): unknown {
  const { codec, expiresAt, freshUntil, schemaVersion, packing, isManifest, metadata } = envelope;
  if (metadata !== undefined) jsonText(metadata);
  const stored = {
    kvs: FORM,
    c: codec,
    ...(expiresAt === undefined ? {} : { x: Math.round(expiresAt) }),
    ...(freshUntil === undefined ? {} : { f: Math.round(freshUntil) }),
    ...(schemaVersion === undefined ? {} : { s: schemaVersion }),
    ...(packing === undefined ? {} : { z: packing }),
    ...(isManifest === true ? { m: 1 } : {}),
    ...(metadata === undefined ? {} : { u: metadata }),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(stored)).byteLength;
  if (bytes <= KV_LIMITS.MAX_METADATA_BYTES) return stored;
  throw new KvError(
    "METADATA_TOO_LARGE",
    `The metadata takes ${String(bytes)} bytes with what the library adds; KV takes ${String(KV_LIMITS.MAX_METADATA_BYTES)}.`,
  );
}

/** What is known of a pair; one that another client wrote says nothing, and has only its own metadata. */
export function envelopeIn(stored: unknown): Envelope | undefined {
  if (typeof stored !== "object" || stored === null || !("kvs" in stored)) return undefined;
  const fields: Readonly<Record<string, unknown>> = { ...stored };
  if (fields["kvs"] !== FORM || typeof fields["c"] !== "string") {
    throw new KvError("VALUE_INVALID", "The pair was written by a newer version of the library.");
  }
  return {
    codec: fields["c"],
    expiresAt: numberOf(fields["x"]),
    freshUntil: numberOf(fields["f"]),
    schemaVersion: numberOf(fields["s"]),
    packing: fields["z"] === "gzip" ? "gzip" : undefined,
    isManifest: fields["m"] === 1,
    metadata: fields["u"],
  };
}

/** The same, and `otherwise` where it cannot be read. */
export function envelopeOr<Otherwise>(stored: unknown, otherwise: Otherwise): Envelope | undefined | Otherwise {
  try {
    return envelopeIn(stored);
  } catch {
    return otherwise;
  }
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
