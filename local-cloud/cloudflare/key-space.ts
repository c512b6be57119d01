import type { Clock } from "../../src/core/clock.ts";
import { compareAsUtf8 } from "../../src/core/utf8-order.ts";

export interface KvEntry {
  readonly value: Uint8Array;
  /** Seconds since the epoch; `undefined`: never expires. */
  readonly expiration: number | undefined;
  /** Any JSON; `undefined`: none. */
  readonly metadata: unknown;
}

/** The pairs of one namespace. A pair is gone from the millisecond on in which its expiration is reached. */
export class KeySpace {
  readonly #clock: Clock;
  readonly #entries = new Map<string, KvEntry>();
  /** Names in order, kept between the pages of a list until a name comes or goes. */
  #sortedNames: readonly string[] | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(name: string): KvEntry | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined || this.#isAlive(entry)) return entry;
    this.delete(name);
    return undefined;
  }

  /** Replaces value, expiration and metadata. */
  put(name: string, entry: KvEntry): void {
    if (!this.#entries.has(name)) this.#sortedNames = undefined;
    this.#entries.set(name, entry);
  }

  delete(name: string): void {
    if (this.#entries.delete(name)) this.#sortedNames = undefined;
  }

  /** Up to `limit` pairs whose names begin with `prefix` and come after `after`, and whether there are more. */
  list(options: { prefix: string; after: string | undefined; limit: number }): {
    items: { name: string; entry: KvEntry }[];
    isComplete: boolean;
  } {
    const items: { name: string; entry: KvEntry }[] = [];
    for (const name of this.#namesInOrder()) {
      if (options.after !== undefined && compareAsUtf8(name, options.after) <= 0) continue;
      if (!name.startsWith(options.prefix)) continue;
      const entry = this.get(name);
      if (entry === undefined) continue;
      if (items.length === options.limit) return { items, isComplete: false };
      items.push({ name, entry });
    }
    return { items, isComplete: true };
  }

  #namesInOrder(): readonly string[] {
    this.#sortedNames ??= [...this.#entries.keys()].toSorted(compareAsUtf8);
    return this.#sortedNames;
  }

  #isAlive({ expiration }: KvEntry): boolean {
    return expiration === undefined || this.#clock.now() < expiration * 1000;
  }
}
