import type { KvBinding } from "../core/kv-binding.ts";
import { KV_LIMITS } from "../core/limits.ts";
import { secondsOf } from "./expiry.ts";
import { KvError } from "./kv-error.ts";
import { inLanes } from "./lanes.ts";
import type {
  AtomicResult,
  ListPage,
  StoredExpiry,
  StoredPair,
  StoredText,
  Transport,
  WritePair,
} from "./transport.ts";

/** Writes of a Worker at once: a connection each, of which an invocation has six. */
const AT_ONCE = 6;

/** A namespace inside a Worker. Eventual only: strong ones live behind the gateway. */
export class BindingTransport implements Transport {
  readonly #kv: KvBinding;
  readonly #reading: { readonly cacheTtl?: number };

  constructor(kv: KvBinding, cacheTtlSeconds: number | undefined) {
    this.#kv = kv;
    this.#reading = cacheTtlSeconds === undefined ? {} : { cacheTtl: cacheTtlSeconds };
  }

  async get(key: string): Promise<StoredPair | undefined> {
    const { value, metadata } = await explained(() =>
      this.#kv.getWithMetadata(key, { type: "stream", ...this.#reading }),
    );
    if (value === null) return undefined;
    const bytes = new Uint8Array(await explained(() => new Response(value).arrayBuffer()));
    return { bytes, metadata: metadata ?? undefined };
  }

  async getTexts(keys: readonly string[]): Promise<ReadonlyMap<string, StoredText>> {
    const found = await explained(() => this.#kv.getWithMetadata(keys, { type: "text", ...this.#reading }));
    const texts = new Map<string, StoredText>();
    for (const [key, entry] of found) {
      if (typeof entry?.value === "string")
        texts.set(key, { text: entry.value, metadata: entry.metadata ?? undefined });
    }
    return texts;
  }

  async put({ key, bytes, metadata, expiry }: WritePair): Promise<void> {
    const options = { ...expiryOf(expiry), ...(metadata === undefined ? {} : { metadata }) };
    await explained(() => this.#kv.put(key, bytes, options));
  }

  async putMany(pairs: readonly WritePair[]): Promise<readonly string[]> {
    return this.#each(
      pairs,
      ({ key }) => key,
      (pair) => this.put(pair),
    );
  }

  async delete(key: string): Promise<void> {
    await explained(() => this.#kv.delete(key));
  }

  async deleteMany(keys: readonly string[]): Promise<readonly string[]> {
    return this.#each(
      keys,
      (key) => key,
      (key) => this.delete(key),
    );
  }

  async list({ prefix, cursor, limit = KV_LIMITS.MAX_LIST_KEYS }: Parameters<Transport["list"]>[0]): Promise<ListPage> {
    const asked = { limit, ...(prefix === undefined ? {} : { prefix }), ...(cursor === undefined ? {} : { cursor }) };
    const page = await explained(() => this.#kv.list(asked));
    const keys = page.keys.map(({ name, expiration, metadata }) => ({
      key: name,
      metadata: metadata ?? undefined,
      expiresAt: expiration === undefined ? undefined : expiration * 1000,
    }));
    return { keys, cursor: page.list_complete ? undefined : page.cursor };
  }

  atomic(): Promise<AtomicResult> {
    return Promise.reject(new KvError("NOT_STRONG", "A KV binding is eventual: it has no atomic operations."));
  }

  async #each<Item>(
    items: readonly Item[],
    keyOf: (item: Item) => string,
    work: (item: Item) => Promise<void>,
  ): Promise<string[]> {
    const failed: string[] = [];
    await inLanes(items, AT_ONCE, async (item) => {
      await work(item).catch(() => failed.push(keyOf(item)));
    });
    return failed;
  }
}

function expiryOf(expiry: StoredExpiry): { readonly expiration?: number; readonly expirationTtl?: number } {
  const seconds = secondsOf(expiry);
  if (seconds === undefined) return {};
  return "ttl" in seconds ? { expirationTtl: seconds.ttl } : { expiration: seconds.at };
}

/** The runtime tells by its message alone: `KV PUT failed: 429 Too Many Requests`. */
async function explained<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    const text = error instanceof Error ? error.message : "";
    const status = Number(/\b([45]\d\d)\b/.exec(text)?.[1]);
    if (status === 429) throw new KvError("RATE_LIMITED", "One key takes one write a second.", { status });
    if (status >= 400 && status < 500)
      throw new KvError("REFUSED", `KV refused the call with status ${String(status)}.`, { status });
    throw new KvError("UNAVAILABLE", "The KV binding failed.");
  }
}
