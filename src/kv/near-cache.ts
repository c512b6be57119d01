import { LRUCache } from "lru-cache";

import { KvError } from "./kv-error.ts";
import type { Entry } from "./value-store.ts";
import type { World } from "./world.ts";

/** Keeps what was read in this process. */
export interface NearCacheOptions {
  /** Of keys and encoded values together. Default 64 MiB. */
  readonly maxBytes?: number;
  /** How long an answer is taken from memory. */
  readonly ttlSeconds: number;
  /** How long it is known that a key is missing. Default: a tenth of `ttlSeconds`. */
  readonly missTtlSeconds?: number;
  /** For how long after that an old answer is given while a new one is fetched behind it. Default 0. */
  readonly staleSeconds?: number;
  /** For how long after that an old answer is given where KV fails. Default: as `staleSeconds`. */
  readonly staleOnErrorSeconds?: number;
}

/** What a near cache did since it was made. */
export interface NearCacheStats {
  readonly hits: number;
  readonly misses: number;
  /** Old answers that were given while a new one was fetched. */
  readonly stale: number;
  /** Old answers that were given because KV failed. */
  readonly staleOnError: number;
  /** Reads that joined one that was under way. */
  readonly joined: number;
  readonly entries: number;
  readonly bytes: number;
}

interface Kept<Value> {
  readonly entry: Entry<Value> | undefined;
  /** By `World.elapsed`: a clock that steps makes nothing older or younger. */
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly errorUntil: number;
}

interface Load<Value> {
  readonly promise: Promise<Entry<Value> | undefined>;
  /** A write came in between: what is loaded may be from before it. */
  isOvertaken: boolean;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const MISS_SHARE = 10;
/** What an entry takes beside its key and value. */
const OVERHEAD_BYTES = 256;

/**
 * Answers from memory, bounded in bytes. One read of a key at a time goes to KV, however many wait for it. What this
 * process writes, it sees at once, and for as long as KV may still give an older value.
 */
export class NearCache<Value> {
  readonly #kept: LRUCache<string, Kept<Value>>;
  readonly #loads = new Map<string, Load<Value>>();
  readonly #world: Pick<World, "now" | "elapsed">;
  readonly #ttlMs: number;
  readonly #missTtlMs: number;
  readonly #staleMs: number;
  readonly #errorMs: number;
  readonly #ownMs: number;
  /** How many writes began or ended. */
  #writes = 0;
  #counts = { hits: 0, misses: 0, stale: 0, staleOnError: 0, joined: 0 };

  /** `ownSeconds`: for how long KV may give an older value than this process wrote. */
  constructor(options: NearCacheOptions, ownSeconds: number, world: Pick<World, "now" | "elapsed">) {
    const { maxBytes = DEFAULT_MAX_BYTES, ttlSeconds, staleSeconds = 0 } = options;
    this.#world = world;
    this.#ttlMs = ttlSeconds * 1000;
    this.#missTtlMs = (options.missTtlSeconds ?? ttlSeconds / MISS_SHARE) * 1000;
    this.#staleMs = staleSeconds * 1000;
    this.#errorMs = Math.max(staleSeconds, options.staleOnErrorSeconds ?? staleSeconds) * 1000;
    this.#ownMs = ownSeconds * 1000;
    this.#kept = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ entry }, key) => OVERHEAD_BYTES + key.length * 2 + (entry?.size ?? 0),
    });
  }

  get stats(): NearCacheStats {
    return { ...this.#counts, entries: this.#kept.size, bytes: this.#kept.calculatedSize };
  }

  /** The answer for a key; `load` asks KV. */
  async get(key: string, load: () => Promise<Entry<Value> | undefined>): Promise<Entry<Value> | undefined> {
    const kept = this.#kept.get(key);
    const now = this.#world.elapsed();
    if (kept !== undefined && this.#hasNotEnded(kept)) {
      if (now < kept.freshUntil) {
        this.#counts.hits += 1;
        return kept.entry;
      }
      if (now < kept.staleUntil) {
        this.#counts.stale += 1;
        // Who reads next will see what came of it.
        void this.#load(key, load).catch(() => undefined);
        return kept.entry;
      }
    }
    this.#counts.misses += 1;
    try {
      return await this.#load(key, load);
    } catch (error) {
      const isPassing = error instanceof KvError && error.retryable;
      if (kept === undefined || !isPassing || this.#world.elapsed() >= kept.errorUntil || !this.#hasNotEnded(kept))
        throw error;
      this.#counts.staleOnError += 1;
      return kept.entry;
    }
  }

  /** What is fresh in memory, without asking KV. */
  peek(key: string): { readonly entry: Entry<Value> | undefined } | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || this.#world.elapsed() >= kept.freshUntil || !this.#hasNotEnded(kept)) return undefined;
    this.#counts.hits += 1;
    return kept;
  }

  /** To be called before a write: what is being read is from before it. */
  writing(key: string): void {
    this.#writes += 1;
    const load = this.#loads.get(key);
    if (load !== undefined) load.isOvertaken = true;
    this.#loads.delete(key);
  }

  /** What this process has written, or deleted (`undefined`). */
  wrote(key: string, entry: Entry<Value> | undefined): void {
    // Reads that began while the write was under way may have seen what was there before.
    this.writing(key);
    this.#keep(key, entry, Math.max(this.#ownMs, entry === undefined ? this.#missTtlMs : this.#ttlMs));
  }

  /** To be called before a read outside this cache; what it gives is to be told what that read has seen. */
  reading(): (key: string, entry: Entry<Value> | undefined) => void {
    const began = this.#writes;
    return (key, entry) => {
      const isFresh = this.#world.elapsed() < (this.#kept.get(key)?.freshUntil ?? 0);
      // Any write since: what was seen may be from before it.
      if (began === this.#writes && !this.#loads.has(key) && !isFresh) this.#keepRead(key, entry);
    };
  }

  forget(key: string): void {
    this.writing(key);
    this.#kept.delete(key);
  }

  /** A write has failed: what was there before is still there, unless nobody knows. */
  failedToWrite(keys: readonly string[], error: unknown): void {
    const isUnknown = !(error instanceof KvError) || error.isOutcomeUnknown;
    for (const key of keys) if (isUnknown) this.forget(key);
  }

  async #load(key: string, read: () => Promise<Entry<Value> | undefined>): Promise<Entry<Value> | undefined> {
    const running = this.#loads.get(key);
    if (running !== undefined) {
      this.#counts.joined += 1;
      return running.promise;
    }
    const load: Load<Value> = { promise: read(), isOvertaken: false };
    this.#loads.set(key, load);
    try {
      const entry = await load.promise;
      if (!load.isOvertaken) this.#keepRead(key, entry);
      return entry;
    } finally {
      if (this.#loads.get(key) === load) this.#loads.delete(key);
    }
  }

  #hasNotEnded({ entry }: Kept<Value>): boolean {
    return entry?.expiresAt === undefined || this.#world.now() < entry.expiresAt;
  }

  #keepRead(key: string, entry: Entry<Value> | undefined): void {
    this.#keep(key, entry, entry === undefined ? this.#missTtlMs : this.#ttlMs);
  }

  #keep(key: string, entry: Entry<Value> | undefined, ttlMs: number): void {
    const freshUntil = this.#world.elapsed() + ttlMs;
    const staleUntil = freshUntil + (entry === undefined ? 0 : this.#staleMs);
    const errorUntil = freshUntil + (entry === undefined ? 0 : this.#errorMs);
    this.#kept.set(key, { entry: entry && frozen(entry), freshUntil, staleUntil, errorUntil });
  }
}

/** Everybody gets the same object: whoever changed it would change it for all. */
function frozen<Value>(entry: Entry<Value>): Entry<Value> {
  freeze(entry.value);
  return entry;
}

function freeze(root: unknown): void {
  // Not by recursion: another client may have stored what is deeper than the stack.
  const waiting = [root];
  for (let value = waiting.pop(); waiting.length > 0 || value !== undefined; value = waiting.pop()) {
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) continue;
    Object.freeze(value);
    // One by one: a call takes no more arguments than the stack has room for.
    for (const item of Object.values(value)) if (typeof item === "object" && item !== null) waiting.push(item);
  }
}
