import { assertKey } from "./key.ts";
import { KvError } from "./kv-error.ts";
import { KvNamespace } from "./namespace.ts";
import type { Expiry } from "./expiry.ts";
import { type AtomicOperation, type AtomicResult, begun, type CallOptions } from "./transport.ts";
import type { Entry, PutOptions } from "./value-store.ts";

/** What became of a conditional write. */
export interface ConditionalWrite {
  /** Whether it was written. */
  readonly applied: boolean;
  /** Of the pair that is there now; `undefined` where there is none. */
  readonly version: string | undefined;
}

/** A namespace in Durable Objects: reads see writes, deletes are immediate, one key takes many writes a second. */
export class StrongKvNamespace<Value = unknown> extends KvNamespace<Value> {
  /** Writes where there is nothing. */
  async putIfAbsent(key: string, value: Value, options: PutOptions = {}): Promise<ConditionalWrite> {
    return this.#conditional(key, value, options, undefined);
  }

  /** Writes where the pair still has the version that `getEntry` gave. */
  async putIfUnchanged(
    key: string,
    value: Value,
    version: string,
    options: PutOptions = {},
  ): Promise<ConditionalWrite> {
    return this.#conditional(key, value, options, version);
  }

  /**
   * Adds to a whole number; a key that is not there counts as 0, and gets the lifetime. Read it with the codec `json` or
   * `text`.
   *
   * @throws KvError REFUSED where the value is no whole number
   */
  async increment(
    key: string,
    by = 1,
    {
      ttlSeconds = this.store.settings.defaultTtlSeconds,
      ...call
    }: { readonly ttlSeconds?: number } & CallOptions = {},
  ): Promise<number> {
    assertKey(key);
    this.store.expiryOf({ ttlSeconds }, 0);
    const { bytes } = await this.#changed({ operation: "increment", key, by, ttlSeconds }, call);
    const total = Number(bytes === undefined ? "" : new TextDecoder().decode(bytes));
    if (bytes !== undefined && Number.isSafeInteger(total)) return total;
    throw new KvError("UNAVAILABLE", "KV did not say what the number is now.");
  }

  /** Changes when a pair ends and nothing else. Returns whether it is there. */
  async touch(key: string, { signal, deadlineMs, ...expiry }: Expiry & CallOptions = {}): Promise<boolean> {
    assertKey(key);
    const { stored } = this.store.expiryOf(expiry, 0);
    const { applied } = await this.#changed({ operation: "touch", key, expiry: stored }, { signal, deadlineMs });
    return applied;
  }

  /** Hands a value of up to 1 MiB out to one caller only. */
  async getAndDelete(key: string, call: CallOptions = {}): Promise<Entry<Value> | undefined> {
    assertKey(key);
    const { applied, bytes, metadata } = await this.#changed({ operation: "get-and-delete", key }, call);
    if (!applied || bytes === undefined) return undefined;
    return this.store.entryOf({ bytes, metadata }, begun(call, this.store.world));
  }

  async #conditional(
    key: string,
    value: Value,
    { signal, deadlineMs, ...fields }: PutOptions,
    version: string | undefined,
  ): Promise<ConditionalWrite> {
    assertKey(key);
    const { pair } = await this.store.prepare(key, value, fields, true);
    const operation =
      version === undefined
        ? ({ operation: "put-if-absent", ...pair } as const)
        : ({ operation: "put-if-unchanged", ...pair, version } as const);
    const done = await this.#changed(operation, { signal, deadlineMs });
    return { applied: done.applied, version: done.version };
  }

  /** What the near cache has of the key is forgotten, whatever comes of it. */
  async #changed(operation: AtomicOperation, call: CallOptions): Promise<AtomicResult> {
    const { key } = operation;
    const started = begun(call, this.store.world);
    return this.changing([key], started, async () => {
      this.near?.writing(key);
      try {
        return await this.store.transport.atomic(operation, started);
      } finally {
        this.near?.forget(key);
      }
    });
  }
}
