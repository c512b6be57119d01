import { BatchedReads, readTexts } from "./batched-reads.ts";
import { json } from "./codec.ts";
import { collectParts } from "./collect-parts.ts";
import { envelopeOr } from "./envelope.ts";
import type { NamespaceSettings } from "./environment.ts";
import { assertKey, RESERVED } from "./key.ts";
import { KvError } from "./kv-error.ts";
import { inLanes } from "./lanes.ts";
import type { NearCache, NearCacheStats } from "./near-cache.ts";
import { begun, type BulkOutcome, type Call, type CallOptions, PLAIN_CALL } from "./transport.ts";
import { type Entry, type Prepared, type PutOptions, ValueStore, type WriteFields } from "./value-store.ts";
import { type WarmOptions, type WarmResult, warmKeys } from "./warm.ts";
import { waitingFor } from "./waiting.ts";
import { type Making, type WrapOptions, wrapped } from "./wrap.ts";
import { WriteTurns } from "./write-turns.ts";

export interface ListOptions extends CallOptions {
  readonly prefix?: string;
}

export interface ListedEntry {
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | undefined;
  /** The application's own metadata. */
  readonly metadata: unknown;
}

/** What the near cache is to have of a key: an entry, or that there is none. */
type Kept<Value> = () => Promise<Entry<Value>> | undefined;

/** Reads at once of values that cannot be read in bulk. */
const READS_AT_ONCE = 16;

/**
 * The keys of one namespace. On an `eventual` one a read may be old; nothing but the near cache promises that a process
 * sees its own writes. Every method throws `KvError`.
 */
export class KvNamespace<Value = unknown> {
  protected readonly store: ValueStore<Value>;
  protected readonly near: NearCache<Value> | undefined;
  readonly #reads: BatchedReads<Value>;
  /**
   * With a near cache the writes of a key go one after the other: what is kept is what was written last. Without one they
   * come after what `wrap` is writing, which they overtake.
   */
  readonly #turns: WriteTurns;
  readonly #loads = new Map<string, Making<Value>>();

  /** Made by `Kv.namespace`. */
  constructor(store: ValueStore<Value>, near: NearCache<Value> | undefined) {
    this.store = store;
    this.near = near;
    this.#reads = new BatchedReads(store);
    this.#turns = new WriteTurns(store.world);
  }

  get name(): string {
    return this.store.settings.name;
  }

  get consistency(): "eventual" | "strong" {
    return this.store.settings.consistency;
  }

  /** As the environment describes it. */
  get settings(): NamespaceSettings {
    return this.store.settings;
  }

  /** The same keys, JSON, and no `maxTtlSeconds`: for what the library itself records. */
  withoutMaximum(): KvNamespace {
    const { transport, world } = this.store;
    const { maxTtlSeconds: _none, ...settings } = this.store.settings;
    return new KvNamespace(new ValueStore<unknown>(settings, transport, world, { codec: json() }), undefined);
  }

  /** Milliseconds since the epoch, by the library's clock. */
  now(): number {
    return this.store.world.now();
  }

  /** A pause of up to so many milliseconds, at random: those who wait for the same do not come back together. */
  async pause(milliseconds: number): Promise<void> {
    await this.store.world.sleep(milliseconds * this.store.world.random());
  }

  /** What the near cache did; `undefined` where there is none. */
  get stats(): NearCacheStats | undefined {
    return this.near?.stats;
  }

  /** The value of a key; `undefined` where there is none. Calls of the same tick become one request. */
  async get(key: string, call: CallOptions = {}): Promise<Value | undefined> {
    return this.#shown(await this.#entry(key, this.#begun(call)))?.value;
  }

  /** The value with what is known of its pair. Always asks KV: what it says is for a write that follows. */
  async getEntry(key: string, call: CallOptions = {}): Promise<Entry<Value> | undefined> {
    assertKey(key);
    return this.store.read(key, this.#begun(call));
  }

  /** The values of keys, in as few requests as possible; keys that are not there are not in the result. */
  async getMany(keys: readonly string[], call: CallOptions = {}): Promise<Map<string, Value>> {
    for (const key of keys) assertKey(key);
    const found = new Map<string, Entry<Value> | undefined>();
    const missing: string[] = [];
    for (const key of new Set(keys)) {
      const kept = this.near?.peek(key);
      if (kept === undefined) missing.push(key);
      else found.set(key, kept.entry);
    }
    const saw = this.near?.reading();
    for (const [key, entry] of await this.#readMany(missing, this.#begun(call))) {
      saw?.(key, entry);
      found.set(key, entry);
    }
    const values = new Map<string, Value>();
    // In the order that was asked for.
    for (const key of keys) {
      const entry = this.#shown(found.get(key));
      if (entry !== undefined) values.set(key, entry.value);
    }
    return values;
  }

  /** @throws KvError VALUE_NOT_ENCODABLE, VALUE_TOO_LARGE, METADATA_TOO_LARGE, EXPIRY_UNSUPPORTED: nothing was written */
  async put(key: string, value: Value, { signal, deadlineMs, ...fields }: PutOptions = {}): Promise<void> {
    assertKey(key);
    await this.write(key, value, fields, { signal, deadlineMs });
  }

  /** Writes many pairs with the same end. @throws KvError INCOMPLETE with the keys that were not written */
  async putMany(
    pairs: Iterable<readonly [key: string, value: Value]>,
    { signal, deadlineMs, ...fields }: PutOptions = {},
  ): Promise<void> {
    const values = new Map(pairs);
    for (const key of values.keys()) assertKey(key);
    const call = this.#begun({ signal, deadlineMs });
    // All are encoded before the first is sent: what cannot be stored leaves nothing half done.
    const all = await Promise.all([...values].map(([key, value]) => this.store.prepare(key, value, fields)));
    const kept = new Map(all.map(({ pair, written }) => [pair.key, () => this.store.entryWritten(written, fields)]));
    await this.#changeMany(kept, "written", call, () => this.#sendMany(all, call));
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    assertKey(key);
    const call = this.#begun(options);
    await this.changing([key], call, async () => {
      this.near?.writing(key);
      try {
        await this.store.transport.delete(key, call);
      } catch (error) {
        this.near?.failedToWrite([key], error);
        throw error;
      }
      this.near?.wrote(key, undefined);
    });
  }

  /** @throws KvError INCOMPLETE with the keys that were not deleted */
  async deleteMany(keys: readonly string[], options: CallOptions = {}): Promise<void> {
    for (const key of keys) assertKey(key);
    const call = this.#begun(options);
    const kept = new Map(keys.map((key) => [key, () => undefined]));
    await this.#changeMany(kept, "deleted", call, () => this.store.transport.deleteMany([...kept.keys()], call));
  }

  /**
   * Keys in the order of their UTF-8 bytes, as they are asked for. A page is fetched when the one before is used up;
   * `deadlineMs` is for each.
   */
  async *list({ prefix, ...call }: ListOptions = {}): AsyncGenerator<ListedEntry, void> {
    let cursor: string | undefined;
    do {
      const page = await this.store.transport.list({ prefix, cursor }, this.#begun(call));
      for (const { key, expiresAt, metadata } of page.keys) {
        if (key.startsWith(RESERVED)) continue;
        const envelope = envelopeOr(metadata, undefined);
        const end = envelope?.expiresAt ?? expiresAt;
        if (end !== undefined && end <= this.store.world.now()) continue;
        yield { key, expiresAt: end, metadata: envelope === undefined ? metadata : envelope.metadata };
      }
      ({ cursor } = page);
    } while (cursor !== undefined);
  }

  /**
   * The value of a key, or what `load` makes, which is then kept. However many ask, it is made once in this process; with
   * `lease`, on a strong namespace, once in all of them.
   */
  async wrap(key: string, load: (key: string) => Promise<Value> | Value, options: WrapOptions = {}): Promise<Value> {
    assertKey(key);
    return wrapped(key, load, options, {
      store: this.store,
      loads: this.#loads,
      read: (call) => this.#entry(key, call).then((entry) => this.#shown(entry)),
      write: async (value, fields, making) => this.#write(key, value, fields, PLAIN_CALL, making),
    });
  }

  /** Reads keys into the near cache, or makes what is missing; slowly enough that nobody notices. */
  async warm(keys: Iterable<string> | AsyncIterable<string>, options: WarmOptions<Value> = {}): Promise<WarmResult> {
    return warmKeys(this, keys, options, this.store.world);
  }

  /**
   * Removes the parts of split values that nothing refers to any more: of values that were replaced, deleted or never
   * finished, once no reader can still see them. To be run once a day where values are split. Returns how many it removed.
   */
  async collectParts(options: CallOptions = {}): Promise<number> {
    return collectParts(this.store, this.#begun(options));
  }

  protected async write(key: string, value: Value, fields: WriteFields, options: CallOptions): Promise<void> {
    this.#overtake([key]);
    await this.#write(key, value, fields, this.#begun(options));
  }

  /** A change of keys: what is being made for them by `wrap` is from before it. */
  protected async changing<Result>(keys: readonly string[], call: Call, work: () => Promise<Result>): Promise<Result> {
    this.#overtake(keys);
    return this.#turns.take(keys, call, this.near !== undefined, work);
  }

  #begun(options: CallOptions): Call {
    return begun(options, this.store.world);
  }

  #overtake(keys: readonly string[]): void {
    for (const key of keys) {
      const making = this.#loads.get(key);
      if (making !== undefined) making.isOvertaken = true;
      this.#loads.delete(key);
    }
  }

  /** `making`: what `wrap` has made is not written once something overtook it. */
  async #write(
    key: string,
    value: Value,
    fields: WriteFields,
    call: Call,
    making?: Pick<Making<Value>, "isOvertaken">,
  ): Promise<void> {
    const isOvertaken = (): boolean => making?.isOvertaken === true;
    await this.#turns.take([key], call, this.near !== undefined || making !== undefined, async () => {
      if (isOvertaken()) return;
      this.near?.writing(key);
      try {
        const prepared = await this.store.prepare(key, value, fields);
        if (isOvertaken()) return;
        await this.store.send(prepared, call);
        await this.#wrote(key, () => this.store.entryWritten(prepared.written, fields));
      } catch (error) {
        this.near?.failedToWrite([key], error);
        throw error;
      }
    });
  }

  /** What a schema does not let through is not kept: its reader is told by KV's answer. */
  async #wrote(key: string, kept: Kept<Value>): Promise<void> {
    if (this.near === undefined) return;
    try {
      this.near.wrote(key, await kept());
    } catch {
      this.near.forget(key);
    }
  }

  /** Those in one piece as a bulk, then those that are split. */
  async #sendMany(all: readonly Prepared[], call: Call): Promise<BulkOutcome> {
    const whole = all.filter(({ isSplit }) => !isSplit).map(({ pair }) => pair);
    const bulk: BulkOutcome = whole.length === 0 ? { failed: [] } : await this.store.transport.putMany(whole, call);
    const failed = [...bulk.failed];
    let { cause } = bulk;
    for (const prepared of all.filter(({ isSplit }) => isSplit)) {
      try {
        await this.store.send(prepared, call);
      } catch (error) {
        if (!(error instanceof KvError)) throw error;
        cause = error;
        failed.push(prepared.pair.key);
      }
    }
    return { failed, ...(cause === undefined ? {} : { cause }) };
  }

  /** `kept`: what the near cache is to have of each key afterwards. */
  async #changeMany(
    kept: ReadonlyMap<string, Kept<Value>>,
    what: string,
    call: Call,
    change: () => Promise<BulkOutcome>,
  ): Promise<void> {
    const keys = [...kept.keys()];
    const { failed, cause } = await this.changing(keys, call, async () => {
      for (const key of keys) this.near?.writing(key);
      try {
        const outcome = await change();
        const left = new Set(outcome.failed);
        for (const [key, entry] of kept) if (!left.has(key)) await this.#wrote(key, entry);
        for (const key of left) this.near?.forget(key);
        return { failed: [...left], cause: outcome.cause };
      } catch (error) {
        this.near?.failedToWrite(keys, error);
        throw error;
      }
    });
    if (failed.length === 0) return;
    if (failed.length === keys.length && cause !== undefined) throw cause;
    const message = `${String(failed.length)} of ${String(keys.length)} keys were not ${what}; the others were.`;
    throw new KvError("INCOMPLETE", message, { keys: failed, cause });
  }

  async #entry(key: string, call: Call): Promise<Entry<Value> | undefined> {
    assertKey(key);
    const { near } = this;
    if (near === undefined) return this.#reads.read(key, call);
    // Others may wait for the same answer: nobody's end is that of the read.
    const found = near.get(key, () => this.#reads.read(key, PLAIN_CALL));
    return waitingFor(found, call, this.store.world);
  }

  /** Bytes cannot be frozen: everybody gets their own. */
  #shown(entry: Entry<Value> | undefined): Entry<Value> | undefined {
    if (this.near === undefined || !(entry?.value instanceof Uint8Array)) return entry;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a copy of bytes is of the same type
    return { ...entry, value: entry.value.slice() as Value };
  }

  async #readMany(
    keys: readonly string[],
    call: Call,
  ): Promise<readonly (readonly [string, Entry<Value> | undefined])[]> {
    if (keys.length === 0) return [];
    if (this.store.readsInBulk) {
      const outcomes = await readTexts(this.store, keys, call);
      return keys.map((key) => {
        const outcome = outcomes.get(key);
        if (outcome?.status === "rejected") throw outcome.reason;
        return [key, outcome?.value] as const;
      });
    }
    const found: (readonly [string, Entry<Value> | undefined])[] = [];
    await inLanes(keys, READS_AT_ONCE, async (key) => {
      found.push([key, await this.store.read(key, call)]);
    });
    return found;
  }
}
