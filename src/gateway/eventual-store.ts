import { KV_LIMITS } from "../core/limits.ts";
import { CODES, invalid, Refusal, unavailable } from "./envelope.ts";
import type { KvBinding, KvListedKey } from "../core/kv-binding.ts";
import { valueText } from "./rules.ts";
import type { Entry, KeyPage, ListOptions, NamespaceStore, Pair, StorageBudget, TextEntry } from "./store.ts";

/** A Worker may hold six connections open at a time; more would only queue in memory. */
const PARALLEL_CALLS = 6;
/** What a decoder puts in the place of bytes that are no UTF-8. */
const REPLACEMENT = "\ufffd";

/**
 * A namespace of Workers KV through its binding. Readers may see a value for as long as `cacheTtlSeconds` and longer
 * after it changed: https://developers.cloudflare.com/kv/concepts/how-kv-works/
 * The binding does not tell when a single pair ends, so an entry has no expiration here; lists have it.
 */
export class EventualStore implements NamespaceStore {
  readonly consistency = "eventual";
  readonly minTtlSeconds = KV_LIMITS.MIN_EXPIRATION_TTL_SECONDS;
  /** The binding takes 32 bits with a sign: lifetimes of 68 years, points in time until January 2038. */
  readonly maxExpirySeconds = 2 ** 31 - 1;
  readonly #kv: KvBinding;
  readonly #reading: { readonly cacheTtl?: number };

  constructor(kv: KvBinding, cacheTtlSeconds: number | undefined) {
    this.#kv = kv;
    this.#reading = cacheTtlSeconds === undefined ? {} : { cacheTtl: cacheTtlSeconds };
  }

  async get(key: string): Promise<Entry | undefined> {
    const { value, metadata } = await explained(() =>
      this.#kv.getWithMetadata(key, { type: "stream", ...this.#reading }),
    );
    if (value === null) return undefined;
    return { value, metadata: metadata ?? undefined, expiration: undefined, version: undefined };
  }

  /** The binding has no other way: what it streams is left where it is. */
  async metadata(key: string): Promise<Pick<Entry, "metadata"> | undefined> {
    const entry = await this.get(key);
    if (entry?.value instanceof ReadableStream) await entry.value.cancel();
    return entry;
  }

  async put({ key, value, metadata, expiry }: Pair): Promise<void> {
    const ending =
      expiry === undefined
        ? {}
        : "ttlSeconds" in expiry
          ? { expirationTtl: expiry.ttlSeconds }
          : { expiration: expiry.atSeconds };
    const options = { ...ending, ...(metadata === undefined ? {} : { metadata }) };
    await explained(() => this.#kv.put(key, value, options));
  }

  async delete(key: string): Promise<void> {
    await explained(() => this.#kv.delete(key));
  }

  async list({ prefix, cursor, limit }: ListOptions): Promise<KeyPage> {
    const options = { limit, ...(prefix === "" ? {} : { prefix }), ...(cursor === undefined ? {} : { cursor }) };
    const page = await explained(() => this.#kv.list(options));
    return { keys: page.keys.map(listed), cursor: page.list_complete ? undefined : page.cursor };
  }

  async getMany(keys: readonly string[]): Promise<ReadonlyMap<string, TextEntry>> {
    const found = await explained(() => this.#kv.getWithMetadata(keys, { type: "text", ...this.#reading }));
    const entries = new Map<string, TextEntry>();
    for (const [key, entry] of found) {
      if (entry === null || entry.value === null) continue;
      // What stands for bytes that are no text may stand in a text too: only the bytes tell.
      if (entry.value.includes(REPLACEMENT)) await this.#assertText(key);
      entries.set(key, { text: entry.value, metadata: entry.metadata ?? undefined, expiration: undefined });
    }
    return entries;
  }

  async #assertText(key: string): Promise<void> {
    const { value } = (await this.get(key)) ?? {};
    if (value === undefined) return;
    valueText(value instanceof Uint8Array ? value : new Uint8Array(await new Response(value).arrayBuffer()));
  }

  callsFor(items: number): number {
    return items;
  }

  putMany(pairs: readonly Pair[], budget: StorageBudget): Promise<string[]> {
    return this.#each(
      pairs,
      budget,
      ({ key }) => key,
      (pair) => this.put(pair),
    );
  }

  deleteMany(keys: readonly string[], budget: StorageBudget): Promise<string[]> {
    return this.#each(
      keys,
      budget,
      (key) => key,
      (key) => this.delete(key),
    );
  }

  /** The binding has no bulk writes: one call an item, as far as the budget goes. */
  async #each<Item>(
    items: readonly Item[],
    budget: StorageBudget,
    keyOf: (item: Item) => string,
    call: (item: Item) => Promise<void>,
  ): Promise<string[]> {
    const within = items.slice(0, budget.left);
    budget.left -= within.length;
    const failed = items.slice(within.length).map(keyOf);
    const waiting = within.values();
    const work = async (): Promise<void> => {
      for (const item of waiting) {
        try {
          await call(item);
        } catch (error) {
          budget.failure = error;
          failed.push(keyOf(item));
        }
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_CALLS }, work));
    return failed;
  }
}

function listed({ name, expiration, metadata }: KvListedKey) {
  return {
    name,
    ...(expiration === undefined ? {} : { expiration }),
    ...(metadata === undefined || metadata === null ? {} : { metadata }),
  };
}

/** Puts what the binding throws into the dialect. Its messages hold a status and a reason, no keys. */
async function explained<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    const [, status = "", reason = ""] = /^KV \w+ failed: (\d{3}) (.*)$/s.exec(message) ?? [];
    if (status === "429") {
      throw new Refusal(429, CODES.TOO_MANY_WRITES, "One key takes one write a second on an eventual namespace.", {
        retryAfter: 1,
      });
    }
    if (status === "400" || status === "413" || status === "414") throw invalid(reason, Number(status));
    throw unavailable("Workers KV did not answer.", error);
  }
}
