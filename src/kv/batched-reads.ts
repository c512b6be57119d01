import { KV_LIMITS } from "../core/limits.ts";
import { KvError } from "./kv-error.ts";
import { inLanes } from "./lanes.ts";
import type { Entry, ValueStore } from "./value-store.ts";
import { type Call, PLAIN_CALL } from "./transport.ts";

interface Waiting<Value> {
  readonly resolve: (entry: Entry<Value> | undefined) => void;
  readonly reject: (error: unknown) => void;
}

const ALONE_AT_ONCE = 8;
const encoder = new TextEncoder();

/**
 * Reads that come in the same tick become one call. A read of its own, and one with a signal or a deadline, stays alone.
 */
export class BatchedReads<Value> {
  readonly #store: ValueStore<Value>;
  #waiting = new Map<string, Waiting<Value>[]>();

  constructor(store: ValueStore<Value>) {
    this.#store = store;
  }

  read(key: string, call: Call): Promise<Entry<Value> | undefined> {
    if (!this.#store.readsInBulk || call.signal !== undefined || call.until !== undefined) {
      return this.#store.read(key, call);
    }
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) queueMicrotask(() => void this.#flush());
      const same = this.#waiting.get(key);
      if (same === undefined) this.#waiting.set(key, [{ resolve, reject }]);
      else same.push({ resolve, reject });
    });
  }

  async #copyOf(entry: Entry<Value> | undefined): Promise<Entry<Value> | undefined> {
    return entry && { ...entry, value: await this.#store.copyOf(entry.value) };
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = new Map();
    await Promise.all(
      [...pagesOf([...batch.keys()])].map(async (keys) => {
        const read = keys.length === 1 ? readAlone : readPage;
        const [page] = await Promise.allSettled([read(this.#store, keys, PLAIN_CALL)]);
        for (const key of keys) {
          const outcome = page.status === "rejected" ? page : page.value.get(key);
          const [first, ...others] = batch.get(key) ?? [];
          if (outcome?.status === "rejected") {
            for (const { reject } of [first, ...others].flatMap((one) => one ?? [])) reject(outcome.reason);
            continue;
          }
          first?.resolve(outcome?.value);
          // Whoever changes what was read changes an object of their own.
          for (const { resolve, reject } of others) this.#copyOf(outcome?.value).then(resolve, reject);
        }
      }),
    );
  }
}

/** What became of each key that was found: an entry, one that has ended, or one that cannot be read. */
export type Outcomes<Value> = ReadonlyMap<string, PromiseSettledResult<Entry<Value> | undefined>>;

/** Entries of keys, in as many bulk reads as it takes. Keys that are not there are not in the result. */
export async function readTexts<Value>(
  store: ValueStore<Value>,
  keys: readonly string[],
  call: Call,
): Promise<Outcomes<Value>> {
  const pages = await Promise.all([...pagesOf(keys)].map((page) => readPage(store, page, call)));
  return new Map(pages.flatMap((page) => [...page]));
}

/** One value that is no text, or all of them together too large, fails a bulk: then each is read alone. */
async function readPage<Value>(
  store: ValueStore<Value>,
  keys: readonly string[],
  call: Call,
): Promise<Outcomes<Value>> {
  try {
    const found = [...(await store.transport.getTexts(keys, call))];
    const outcomes = await Promise.allSettled(
      found.map(([, { text, metadata }]) => store.entryOf({ bytes: encoder.encode(text), metadata }, call)),
    );
    return new Map(outcomes.map((outcome, index) => [found[index]?.[0] ?? "", outcome]));
  } catch (error) {
    if (!(error instanceof KvError) || error.code !== "REFUSED") throw error;
    return readAlone(store, keys, call);
  }
}

async function readAlone<Value>(
  store: ValueStore<Value>,
  keys: readonly string[],
  call: Call,
): Promise<Outcomes<Value>> {
  const outcomes = new Map<string, PromiseSettledResult<Entry<Value> | undefined>>();
  await inLanes(keys, ALONE_AT_ONCE, async (key) => {
    const [outcome] = await Promise.allSettled([store.read(key, call)]);
    outcomes.set(key, outcome);
  });
  return outcomes;
}

function* pagesOf(keys: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < keys.length; start += KV_LIMITS.MAX_BULK_GET_KEYS) {
    yield keys.slice(start, start + KV_LIMITS.MAX_BULK_GET_KEYS);
  }
}
