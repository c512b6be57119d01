import type { KvBinding } from "../core/kv-binding.ts";
import { KV_LIMITS } from "../core/limits.ts";
import { secondsOf } from "./expiry.ts";
import { KvError } from "./kv-error.ts";
import { inLanes } from "./lanes.ts";
import type {
  AtomicResult,
  BulkOutcome,
  Call,
  ListPage,
  StoredExpiry,
  StoredPair,
  StoredText,
  Transport,
  WritePair,
} from "./transport.ts";
import { aborted, waitingFor } from "./waiting.ts";
import type { World } from "./world.ts";

/** Writes of a Worker at once: a connection each, of which an invocation has six. */
const AT_ONCE = 6;

/** A namespace inside a Worker. Eventual only: strong ones live behind the gateway. */
export class BindingTransport implements Transport {
  readonly #kv: KvBinding;
  readonly #reading: { readonly cacheTtl?: number };
  readonly #world: World;

  constructor(kv: KvBinding, cacheTtlSeconds: number | undefined, world: World) {
    this.#kv = kv;
    this.#world = world;
    this.#reading = cacheTtlSeconds === undefined ? {} : { cacheTtl: cacheTtlSeconds };
  }

  async get(key: string, call: Call): Promise<StoredPair | undefined> {
    return this.#explained(call, async () => {
      const { value, metadata } = await this.#kv.getWithMetadata(key, { type: "stream", ...this.#reading });
      if (value === null) return undefined;
      return { bytes: new Uint8Array(await new Response(value).arrayBuffer()), metadata: metadata ?? undefined };
    });
  }

  async getTexts(keys: readonly string[], call: Call): Promise<ReadonlyMap<string, StoredText>> {
    const found = await this.#explained(call, () => this.#kv.getWithMetadata(keys, { type: "text", ...this.#reading }));
    const texts = new Map<string, StoredText>();
    for (const [key, entry] of found) {
      if (typeof entry?.value === "string")
        texts.set(key, { text: entry.value, metadata: entry.metadata ?? undefined });
    }
    return texts;
  }

  async put({ key, bytes, metadata, expiry }: WritePair, call: Call): Promise<void> {
    const options = { ...expiryOf(expiry), ...(metadata === undefined ? {} : { metadata }) };
    await this.#explained(call, () => this.#kv.put(key, bytes, options));
  }

  async putMany(pairs: readonly WritePair[], call: Call): Promise<BulkOutcome> {
    return this.#each(
      pairs,
      ({ key }) => key,
      (pair) => this.put(pair, call),
    );
  }

  async delete(key: string, call: Call): Promise<void> {
    await this.#explained(call, () => this.#kv.delete(key));
  }

  async deleteMany(keys: readonly string[], call: Call): Promise<BulkOutcome> {
    return this.#each(
      keys,
      (key) => key,
      (key) => this.delete(key, call),
    );
  }

  async list(
    { prefix, cursor, limit = KV_LIMITS.MAX_LIST_KEYS }: Parameters<Transport["list"]>[0],
    call: Call,
  ): Promise<ListPage> {
    const asked = { limit, ...(prefix === undefined ? {} : { prefix }), ...(cursor === undefined ? {} : { cursor }) };
    const page = await this.#explained(call, () => this.#kv.list(asked));
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
  ): Promise<BulkOutcome> {
    const failed: string[] = [];
    let cause: KvError | undefined;
    await inLanes(items, AT_ONCE, async (item) => {
      await work(item).catch((error: unknown) => {
        if (error instanceof KvError) cause = error;
        failed.push(keyOf(item));
      });
    });
    return { failed, ...(cause === undefined ? {} : { cause }) };
  }

  /** The runtime ends no call of a binding: only the waiting for it ends. */
  async #explained<Result>(call: Call, work: () => Promise<Result>): Promise<Result> {
    if (call.signal?.aborted === true) throw aborted(call.signal, false);
    return waitingFor(explained(work), call, this.#world);
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
