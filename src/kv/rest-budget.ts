import { CLOUDFLARE_RATE_LIMIT } from "../core/limits.ts";
import { KvError } from "./kv-error.ts";
import { realWorld, type World } from "./world.ts";

/** Left to deploys and to people: they share the limit, and one call too many blocks all of them for five minutes. */
const RESERVE = 0.1;

/** Cloudflare counts for the account: everything in this process that uses it has one budget. */
const ACCOUNTS = new Map<string, RestBudget>();

/** Calls to Cloudflare's own API, which takes 1,200 in five minutes. */
export class RestBudget {
  readonly #elapsed: () => number;
  readonly #calls: number[] = [];
  #first = 0;

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  /** The budget of an account; one of its own for whoever brings a clock. */
  static of(accountId: string, { elapsed }: Pick<World, "elapsed">): RestBudget {
    if (elapsed !== realWorld.elapsed) return new RestBudget(elapsed);
    const budget = ACCOUNTS.get(accountId) ?? new RestBudget(elapsed);
    ACCOUNTS.set(accountId, budget);
    return budget;
  }

  /** To be called before each call. @throws KvError BUDGET_EXHAUSTED: the call would lead to a block */
  spend(): void {
    const now = this.#elapsed();
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
