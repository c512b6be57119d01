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

  async #flush(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = new Map();
    await Promise.all(
      [...pagesOf([...batch.keys()])].map(async (keys) => {
        const read = keys.length === 1 ? readAlone : readPage;
        const [page] = await Promise.allSettled([read(this.#store, keys, PLAIN_CALL)]);
        for (const key of keys) {
          const [first, ...others] = batch.get(key) ?? [];
          const reading = page.status === "rejected" ? undefined : page.value.get(key);
          const outcome = page.status === "rejected" ? page : reading?.outcome;
          if (first !== undefined) settle(first, outcome);
          for (const one of others) {
            // Whoever changes what was read changes an object of their own.
            if (reading === undefined || outcome?.status === "rejected") settle(one, outcome);
            else reading.again().then(one.resolve, one.reject);
          }
        }
      }),
    );
  }
}

function settle<Value>({ resolve, reject }: Waiting<Value>, outcome: Outcome<Value> | undefined): void {
  if (outcome?.status === "rejected") reject(outcome.reason);
  else resolve(outcome?.value);
}

type Outcome<Value> = PromiseSettledResult<Entry<Value> | undefined>;

/** What became of a key that was found. `again`: the same as another object, from the very bytes that were read. */
interface Reading<Value> {
  readonly outcome: Outcome<Value>;
  readonly again: () => Promise<Entry<Value> | undefined>;
}

/** What became of each key that was found: an entry, one that has ended, or one that cannot be read. */
export type Outcomes<Value> = ReadonlyMap<string, Outcome<Value>>;

/** Entries of keys, in as many bulk reads as it takes. Keys that are not there are not in the result. */
export async function readTexts<Value>(
  store: ValueStore<Value>,
  keys: readonly string[],
  call: Call,
): Promise<Outcomes<Value>> {
  const pages = await Promise.all([...pagesOf(keys)].map((page) => readPage(store, page, call)));
  return new Map(pages.flatMap((page) => [...page].map(([key, { outcome }]) => [key, outcome] as const)));
}

/** One value that is no text, or all of them together too large, fails a bulk: then each is read alone. */
async function readPage<Value>(
  store: ValueStore<Value>,
  keys: readonly string[],
  call: Call,
): Promise<ReadonlyMap<string, Reading<Value>>> {
  try {
    const found = [...(await store.transport.getTexts(keys, call))];
    const readings = found.map(async ([key, { text, metadata }]) => {
      const pair = { bytes: encoder.encode(text), metadata };
      return [key, await readingOf(() => store.entryOf(pair, call))] as const;
    });
    return new Map(await Promise.all(readings));
  } catch (error) {
    if (!(error instanceof KvError) || error.code !== "REFUSED") throw error;
    return readAlone(store, keys, call);
  }
}

async function readAlone<Value>(
  store: ValueStore<Value>,
  keys: readonly string[],
  call: Call,
): Promise<ReadonlyMap<string, Reading<Value>>> {
  const readings = new Map<string, Reading<Value>>();
  await inLanes(keys, ALONE_AT_ONCE, async (key) => {
    const [pair] = await Promise.allSettled([store.pairOf(key, call)]);
    readings.set(
      key,
      await readingOf(async () => {
        if (pair.status === "rejected") throw pair.reason;
        return pair.value && store.entryOf(pair.value, call);
      }),
    );
  });
  return readings;
}

async function readingOf<Value>(again: Reading<Value>["again"]): Promise<Reading<Value>> {
  const [outcome] = await Promise.allSettled([again()]);
  return { outcome, again };
}

function* pagesOf(keys: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < keys.length; start += KV_LIMITS.MAX_BULK_GET_KEYS) {
    yield keys.slice(start, start + KV_LIMITS.MAX_BULK_GET_KEYS);
  }
}
