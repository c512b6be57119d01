import type { Clock } from "../../src/core/clock.ts";
import type { KvBinding, KvListedKey } from "../../src/core/kv-binding.ts";
import {
  assertBulkSize,
  assertKey,
  cacheTtlMs,
  checkedKeys,
  checkedPrefix,
  expirationOf,
  failure,
  listLimit,
  serialisedMetadata,
} from "./binding-rules.ts";
import type { CentralStore } from "./central-store.ts";
import type { Content } from "./content.ts";
import { cursorAfter, nameBefore } from "./cursor.ts";
import type { Draws } from "./draws.ts";
import { LocationCache } from "./location-cache.ts";
import { copyOf, listedKey, metadataOf, readWhole, streamOf, textEntry } from "./values.ts";

type Reading<Type extends string> = { readonly type: Type; readonly cacheTtl?: number };
type StreamEntry = { readonly value: ReadableStream<Uint8Array> | null; readonly metadata: unknown };
type TextEntries = ReadonlyMap<string, { readonly value: string; readonly metadata: unknown } | null>;

/** Calls of each kind, at all locations, refused ones included. A bulk read is one call. */
export interface OperationCounts {
  get: number;
  bulkGet: number;
  put: number;
  delete: number;
  list: number;
}

interface LocationBindingOptions {
  readonly clock: Clock;
  readonly draws: Draws;
  readonly central: CentralStore;
  /** Its place among the locations. */
  readonly location: number;
  readonly operations: OperationCounts;
}

/** The namespace as Workers at one location see it. */
export class LocationBinding implements KvBinding {
  readonly #options: LocationBindingOptions;
  readonly #cache = new LocationCache();

  constructor(options: LocationBindingOptions) {
    this.#options = options;
  }

  getWithMetadata(key: string, options: Reading<"stream">): Promise<StreamEntry>;
  getWithMetadata(keys: readonly string[], options: Reading<"text">): Promise<TextEntries>;
  async getWithMetadata(
    asked: string | readonly string[],
    { cacheTtl }: Reading<"stream" | "text">,
  ): Promise<StreamEntry | TextEntries> {
    return typeof asked === "string" ? this.#get(asked, cacheTtl) : this.#bulkGet(asked, cacheTtl);
  }

  #get(key: string, cacheTtl: number | undefined): StreamEntry {
    this.#options.operations.get += 1;
    assertKey("GET", key);
    const content = this.#read(key, cacheTtlMs("GET", cacheTtl));
    if (content === undefined) return { value: null, metadata: null };
    return { value: streamOf(content.value), metadata: metadataOf(content) };
  }

  #bulkGet(asked: readonly string[], cacheTtl: number | undefined): TextEntries {
    this.#options.operations.bulkGet += 1;
    const keys = checkedKeys(asked);
    const ttlMs = cacheTtlMs("GET_BULK", cacheTtl);
    const found = new Map(keys.map((key) => [key, this.#read(key, ttlMs)]));
    assertBulkSize([...found.values()].reduce((sum, content) => sum + (content?.value.byteLength ?? 0), 0));
    return new Map([...found].map(([key, content]) => [key, content === undefined ? null : textEntry(content)]));
  }

  async put(
    key: string,
    value: Uint8Array | ReadableStream<Uint8Array>,
    options: { readonly expiration?: number; readonly expirationTtl?: number; readonly metadata?: unknown },
  ): Promise<void> {
    this.#options.operations.put += 1;
    assertKey("PUT", key);
    const expiration = expirationOf(options, this.#options.clock.now());
    const metadata = serialisedMetadata(options.metadata);
    const bytes = value instanceof Uint8Array ? copyOf(value) : await readWhole(value);
    this.#write("PUT", key, { value: bytes, metadata, expiration });
  }

  async delete(key: string): Promise<void> {
    this.#options.operations.delete += 1;
    assertKey("DELETE", key);
    this.#write("DELETE", key, undefined);
  }

  async list(options: { readonly prefix?: string; readonly limit?: number; readonly cursor?: string }) {
    const { operations, central, location, draws } = this.#options;
    operations.list += 1;
    const limit = listLimit(options.limit);
    const range = { prefix: checkedPrefix(options.prefix), after: nameBefore(options.cursor) };
    const keys: KvListedKey[] = [];
    let last = "";
    for (const record of central.scan(location, range)) {
      if (keys.length === limit) return { keys, list_complete: false as const, cursor: cursorAfter(last) };
      last = record.name;
      if (record.content !== undefined) keys.push(listedKey(record.name, record.content));
      // How many tombstones fit a page is Cloudflare's secret: any may be the last of one.
      else if (draws.isHeads()) return { keys, list_complete: false as const, cursor: cursorAfter(last) };
    }
    return { keys, list_complete: true as const };
  }

  #read(key: string, ttlMs: number): Content | undefined {
    const now = this.#options.clock.now();
    const copy = this.#cache.find(key, ttlMs, now);
    if (copy !== undefined) return copy.content;
    const content = this.#options.central.read(key, this.#options.location);
    this.#cache.keep(key, content, ttlMs, now);
    return content;
  }

  #write(operation: "PUT" | "DELETE", key: string, content: Content | undefined): void {
    const { central, location, draws, clock } = this.#options;
    if (central.isTooSoon(key)) throw failure(operation, 429, "Too Many Requests");
    central.accept(key, content, location);
    if (draws.isHeads()) this.#cache.keep(key, content, cacheTtlMs("GET", undefined), clock.now());
    else this.#cache.forget(key);
  }
}
