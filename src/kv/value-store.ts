import { KV_LIMITS } from "../core/limits.ts";
import type { Codec } from "./codec.ts";
import { type Envelope, envelopeIn, metadataOf } from "./envelope.ts";
import type { NamespaceSettings } from "./environment.ts";
import { type ExactExpiry, type Expiry, expiryOf } from "./expiry.ts";
import { KvError } from "./kv-error.ts";
import { packed, unpacked } from "./packing.ts";
import { assertPartsFit, manifestIn, readParts, writeParts } from "./parts.ts";
import { type StandardSchema, validated } from "./standard-schema.ts";
import type { Call, CallOptions, StoredPair, Transport, WritePair } from "./transport.ts";
import type { World } from "./world.ts";

/** What values of a namespace are, and how they are stored. */
export interface ValueOptions<Value> {
  readonly codec: Codec<Value>;
  /** Proves what is read. */
  readonly schema?: StandardSchema<Value>;
  /** Version of what a value means; older ones go through `migrate`. */
  readonly schemaVersion?: number;
  /** Makes a value of an older version, or of none, a present one, before the schema judges it. */
  readonly migrate?: (value: unknown, version: number | undefined) => unknown;
  /** Values of so many bytes and more are packed with gzip; other clients then have to unpack them. Default: none. */
  readonly packFromBytes?: number;
  /** Values of more bytes are split. Default: what KV takes, 25 MiB. Only on eventual namespaces. */
  readonly splitAboveBytes?: number;
  /** Share of a lifetime by which it may become shorter at random, 0 to 1. Default 0. */
  readonly jitter?: number;
}

/** A value and what is known of its pair. */
export interface Entry<Value> {
  readonly value: Value;
  /** The application's own metadata. */
  readonly metadata: unknown;
  /** Milliseconds since the epoch, where it is known: of a strong namespace a read does not tell it. */
  readonly expiresAt: number | undefined;
  /** After it the value may be handed out while a new one is made; milliseconds since the epoch. */
  readonly freshUntil: number | undefined;
  /** Of a strong namespace: for `putIfUnchanged`. */
  readonly version: string | undefined;
  /** Bytes of its encoded form, unpacked and put together. */
  readonly size: number;
}

export interface PutOptions extends Expiry, CallOptions {
  /** Any JSON; about 900 bytes. */
  readonly metadata?: unknown;
}

export interface WriteFields extends Expiry {
  readonly metadata?: unknown;
  readonly freshUntil?: number | undefined;
}

/** What was written: its bytes before they were packed, and when it ends, in milliseconds since the epoch. */
export interface Written {
  readonly plain: Uint8Array;
  readonly expiresAt: number;
}

/** A value that is ready to be sent. */
export interface Prepared {
  /** Of a split value its metadata is that of the manifest. */
  readonly pair: WritePair;
  readonly isSplit: boolean;
  readonly written: Written;
}

/** The most that a split value may become: it is put together in memory. */
const MAX_WHOLE_BYTES = 1024 * 1024 * 1024;

/** Values of one namespace over a transport: codec, metadata, ends, packing, splitting. */
export class ValueStore<Value> {
  readonly settings: NamespaceSettings;
  readonly transport: Transport;
  readonly world: World;
  readonly options: ValueOptions<Value>;

  constructor(settings: NamespaceSettings, transport: Transport, world: World, options: ValueOptions<Value>) {
    this.settings = settings;
    this.transport = transport;
    this.world = world;
    this.options = options;
  }

  /** Whether values can be read many at once. */
  get readsInBulk(): boolean {
    return this.options.codec.isText && this.options.packFromBytes === undefined;
  }

  async read(key: string, call: Call): Promise<Entry<Value> | undefined> {
    const pair = await this.pairOf(key, call);
    return pair && this.entryOf(pair, call);
  }

  /** What is stored, as it is. */
  pairOf(key: string, call: Call): Promise<StoredPair | undefined> {
    return this.transport.get(key, { ...call, isText: this.readsInBulk });
  }

  /** @throws KvError VALUE_INVALID, PART_MISSING */
  async entryOf({ bytes, metadata, version }: StoredPair, call: Call): Promise<Entry<Value> | undefined> {
    const envelope = envelopeIn(metadata);
    if (envelope?.expiresAt !== undefined && envelope.expiresAt <= this.world.now()) return undefined;
    const { value, size } = await this.#decoded(bytes, envelope, call);
    return {
      value,
      metadata: envelope === undefined ? metadata : envelope.metadata,
      expiresAt: envelope?.expiresAt,
      freshUntil: envelope?.freshUntil,
      version,
      size,
    };
  }

  /**
   * Encodes a value, and finds whatever would keep it from being stored. `inOnePiece`: it cannot be split.
   *
   * @throws KvError VALUE_TOO_LARGE, METADATA_TOO_LARGE, EXPIRY_UNSUPPORTED and what the codec throws
   */
  async prepare(key: string, value: Value, fields: WriteFields, inOnePiece = false): Promise<Prepared> {
    const { settings, options } = this;
    const { bytes, expiry, envelope, written } = await this.#encoded(value, fields);
    const maySplit = !inOnePiece && settings.consistency === "eventual";
    const limit = maySplit ? (options.splitAboveBytes ?? KV_LIMITS.MAX_VALUE_BYTES) : KV_LIMITS.MAX_VALUE_BYTES;
    const isSplit = bytes.length > limit;
    if (isSplit && !maySplit) throw tooLarge(bytes);
    if (isSplit) assertPartsFit(key);
    const metadata = metadataOf(isSplit ? { ...envelope, isManifest: true } : envelope);
    return { pair: { key, bytes, metadata, expiry }, isSplit, written };
  }

  async send({ pair, isSplit }: Prepared, call: Call): Promise<void> {
    const { transport, world, options } = this;
    if (!isSplit) return transport.put(pair, call);
    const maxPartBytes = options.splitAboveBytes ?? KV_LIMITS.MAX_VALUE_BYTES;
    const write = { write: world.uniqueId(), at: world.now(), maxPartBytes };
    return transport.put({ ...pair, bytes: await writeParts(transport, pair, write, call) }, call);
  }

  /** What a reader of a written value gets: never the very object that was written. @throws KvError VALUE_INVALID */
  async entryWritten({ plain, expiresAt }: Written, { metadata, freshUntil }: WriteFields): Promise<Entry<Value>> {
    const { codec } = this.options;
    // What the caller does with its bytes is its own affair.
    const value = await this.#valid(decoded(codec, codec.isText ? plain : plain.slice()));
    return { value, metadata, expiresAt, freshUntil, version: undefined, size: plain.length };
  }

  /** Another object of the same value, as a reader would get it. @throws KvError VALUE_INVALID */
  async copyOf(value: Value): Promise<Value> {
    const { codec } = this.options;
    const plain = encoded(codec, value);
    return this.#valid(decoded(codec, codec.isText ? plain : plain.slice()));
  }

  /** When a pair written now would end. @throws KvError EXPIRY_UNSUPPORTED */
  expiryOf(expiry: Expiry, jitter = this.options.jitter ?? 0): ExactExpiry {
    const { settings, world } = this;
    return expiryOf(expiry, { settings, jitter, now: world.now(), random: world.random });
  }

  async #encoded(value: Value, { ttlSeconds, expiresAt, metadata, freshUntil }: WriteFields) {
    const { codec, schemaVersion, packFromBytes = Infinity } = this.options;
    const plain = encoded(codec, value);
    const isPacked = plain.length >= packFromBytes;
    const bytes = isPacked ? await packed(plain) : plain;
    const { stored, atMs } = this.expiryOf({ ttlSeconds, expiresAt });
    const envelope: Envelope = {
      codec: codec.name,
      // A strong namespace ends it exactly, and `touch` changes that without the metadata.
      expiresAt: this.settings.consistency === "strong" ? undefined : atMs,
      freshUntil,
      schemaVersion,
      packing: isPacked ? "gzip" : undefined,
      metadata,
    };
    return { bytes, expiry: stored, envelope, written: { plain, expiresAt: atMs } };
  }

  async #decoded(
    stored: Uint8Array,
    envelope: Envelope | undefined,
    call: Call,
  ): Promise<{ readonly value: Value; readonly size: number }> {
    const { codec, schemaVersion, migrate } = this.options;
    if (envelope !== undefined && envelope.codec !== codec.name) {
      throw new KvError(
        "VALUE_INVALID",
        `The value was written with the codec ${shownName(envelope.codec)}, and this namespace reads ${codec.name}.`,
      );
    }
    const whole =
      envelope?.isManifest === true
        ? await readParts(this.transport, manifestIn(stored, MAX_WHOLE_BYTES), call)
        : stored;
    const bytes = envelope?.packing === "gzip" ? await unpacked(whole, MAX_WHOLE_BYTES) : whole;
    let value = decoded(codec, bytes);
    // A newer process may have written it: the present version is all that anybody here knows how to bring it to.
    const version = envelope?.schemaVersion;
    const isOlder = schemaVersion !== undefined && (version === undefined || version < schemaVersion);
    if (migrate !== undefined && isOlder) value = await migrated(migrate, value, version);
    return { value: await this.#valid(value), size: bytes.length };
  }

  async #valid(value: unknown): Promise<Value> {
    const { schema } = this.options;
    if (schema !== undefined) return validated(schema, value);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without a schema the codec's word counts
    return value as Value;
  }
}

/** It stands in stored metadata, where another client may have written anything. */
function shownName(codec: string): string {
  return /^[\w-]{1,32}$/.test(codec) ? codec : "of another client";
}

/** As below. */
function encoded<Value>(codec: Codec<Value>, value: Value): Uint8Array {
  try {
    return codec.encode(value);
  } catch (error) {
    if (error instanceof KvError) throw error;
    throw new KvError("VALUE_NOT_ENCODABLE", `The value could not be encoded: the codec ${codec.name} threw.`);
  }
}

/** What an application's own codec throws may hold the value. */
function decoded(codec: Codec<unknown>, bytes: Uint8Array): unknown {
  try {
    return codec.decode(bytes);
  } catch (error) {
    if (error instanceof KvError) throw error;
    throw new KvError("VALUE_INVALID", `The stored value could not be read: the codec ${codec.name} threw.`);
  }
}

/** What the application's own function throws may hold the value. */
async function migrated(
  migrate: (value: unknown, version: number | undefined) => unknown,
  value: unknown,
  version?: number,
): Promise<unknown> {
  try {
    return await migrate(value, version);
  } catch {
    throw new KvError("VALUE_INVALID", "The stored value could not be brought to the present version: migrate threw.");
  }
}

function tooLarge({ length }: Uint8Array): KvError {
  return new KvError(
    "VALUE_TOO_LARGE",
    `The value takes ${String(length)} bytes; KV takes ${String(KV_LIMITS.MAX_VALUE_BYTES)}.`,
  );
}
