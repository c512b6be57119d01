import { CLOUDFLARE_RATE_LIMIT } from "../core/limits.ts";
import { KvError } from "./kv-error.ts";

/** Left to deploys and to people: they share the limit, and one call too many blocks all of them for five minutes. */
const RESERVE = 0.1;

/** Calls to Cloudflare's own API, which takes 1,200 in five minutes. */
export class RestBudget {
  readonly #now: () => number;
  readonly #calls: number[] = [];
  #first = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** To be called before each call. @throws KvError BUDGET_EXHAUSTED: the call would lead to a block */
  spend(): void {
    const now = this.#now();
    const windowMs = CLOUDFLARE_RATE_LIMIT.WINDOW_SECONDS * 1000;
    while ((this.#calls[this.#first] ?? Infinity) <= now - windowMs) this.#first += 1;
    if (this.#first > MAX_CALLS) this.#calls.splice(0, this.#first);
    if (this.#first > MAX_CALLS) this.#first = 0;
    if (this.#calls.length - this.#first >= MAX_CALLS) {
      throw new KvError(
        "BUDGET_EXHAUSTED",
        `This process has made ${String(MAX_CALLS)} calls to Cloudflare's API in five minutes; more would block the whole account. Sites with traffic need access: gateway.`,
      );
    }
    this.#calls.push(now);
  }
}

const MAX_CALLS = CLOUDFLARE_RATE_LIMIT.REQUESTS * (1 - RESERVE);
