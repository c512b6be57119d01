import type { NamespaceStore, Operation, Pair, StorageBudget } from "./store.ts";

/** An invocation of its own for a part of a bulk request, with its own 1,000 calls to storage. */
export interface RelayApi {
  /** Both return the keys that did not succeed. `namespace`: the name of one of the environment. */
  putThrough(namespace: string, pairs: readonly Pair[], operation: Operation): Promise<string[]>;
  deleteThrough(namespace: string, keys: readonly string[], operation: Operation): Promise<string[]>;
}

/** Items of one call to a relay: each may cost it a call, and it may make 1,000. */
export const RELAYED_ITEMS = 900;
/** Calls that the request keeps for relays, for its ledger and for repetitions. */
const KEPT_CALLS = 80;
/** An isolate waits for six connections at a time. */
const RELAYS_AT_ONCE = 6;
const ATTEMPTS = 3;
/** A key of Workers KV takes one write a second. */
const PAUSE_MS = 1_100;

export interface BulkWritesOptions {
  readonly store: NamespaceStore;
  readonly namespace: string;
  readonly budget: StorageBudget;
  /** A connection to a relay; another one at each call, so that the work is spread. */
  readonly relay: () => RelayApi;
  /** 16 hexadecimal digits, never the same twice. */
  readonly newId: () => string;
  /** Milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
}

interface Kind<Item> {
  readonly keyOf: (item: Item) => string;
  readonly bytesOf: (item: Item) => number;
  readonly direct: (items: readonly Item[], operation: Operation) => Promise<string[]>;
  readonly relayed: (relay: RelayApi, items: readonly Item[], operation: Operation) => Promise<string[]>;
}

/**
 * Writes a bulk whole. Workers KV has no bulk writes for a Worker, and a Worker may make 1,000 calls in one invocation:
 * what does not fit is spread over invocations of the gateway's own objects. Keys that fail are tried again here, since
 * nobody else does it: `wrangler` and most clients never look at `unsuccessful_keys`.
 */
export class BulkWrites {
  readonly #options: BulkWritesOptions;

  constructor(options: BulkWritesOptions) {
    this.#options = options;
  }

  /** Returns the keys that could not be written. */
  put(pairs: readonly Pair[]): Promise<string[]> {
    const { store, namespace, budget } = this.#options;
    return this.#whole(pairs, {
      keyOf: ({ key }) => key,
      bytesOf: ({ value }) => value.byteLength,
      direct: (some, operation) => store.putMany(some, budget, operation),
      relayed: (relay, some, operation) => relay.putThrough(namespace, some, operation),
    });
  }

  /** Returns the keys that could not be deleted. */
  delete(keys: readonly string[]): Promise<string[]> {
    const { store, namespace, budget } = this.#options;
    return this.#whole(keys, {
      keyOf: (key) => key,
      bytesOf: () => 0,
      direct: (some, operation) => store.deleteMany(some, budget, operation),
      relayed: (relay, some, operation) => relay.deleteThrough(namespace, some, operation),
    });
  }

  async #whole<Item>(items: readonly Item[], kind: Kind<Item>): Promise<string[]> {
    // One operation, however often it is tried: an object that has done it answers so, and does not do it twice.
    const id = this.#options.newId();
    let left = items;
    for (let attempt = 0; ; attempt += 1) {
      const failed = new Set(await this.#once(left, kind, { id, isRepeat: attempt > 0 }));
      left = left.filter((item) => failed.has(kind.keyOf(item)));
      if (left.length === 0 || attempt === ATTEMPTS - 1) return left.map(kind.keyOf);
      await this.#options.pause(PAUSE_MS);
    }
  }

  async #once<Item>(items: readonly Item[], kind: Kind<Item>, operation: Operation): Promise<string[]> {
    const { store, budget, relay } = this.#options;
    const bytes = items.reduce((sum, item) => sum + kind.bytesOf(item), 0);
    if (store.callsFor(items.length, bytes) <= budget.left - KEPT_CALLS) return kind.direct(items, operation);
    const chunks = Array.from({ length: Math.ceil(items.length / RELAYED_ITEMS) }, (_, index) =>
      items.slice(index * RELAYED_ITEMS, (index + 1) * RELAYED_ITEMS),
    );
    const failed: string[] = [];
    const waiting = chunks.values();
    const work = async (): Promise<void> => {
      for (const chunk of waiting) {
        budget.left -= 1;
        const answer =
          budget.left < 0
            ? undefined
            : await kind.relayed(relay(), chunk, operation).catch((error: unknown) => {
                budget.failure = error;
              });
        failed.push(...(answer ?? chunk.map(kind.keyOf)));
      }
    };
    await Promise.all(Array.from({ length: RELAYS_AT_ONCE }, work));
    return failed;
  }
}
