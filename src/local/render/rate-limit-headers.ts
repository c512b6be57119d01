import type { Clock } from "../../core/clock.ts";

const WINDOW_MS = 60_000;

/** Calls a minute, as the headers of Render's API show them; deploys are counted for each service. */
const LIMITS = { read: 400, write: 100, deploy: 10 } as const;

interface Window {
  readonly endsAt: number;
  used: number;
}

/** Counts calls and tells clients what is left. Nothing is refused. */
export class RateLimitHeaders {
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one call. `deployOf`: the known service that the call deploys. */
  count(method: string, deployOf: string | undefined): Readonly<Record<string, string>> {
    const kind = deployOf !== undefined ? "deploy" : method === "GET" ? "read" : "write";
    const window = this.#window(deployOf ?? kind);
    window.used += 1;
    return {
      "ratelimit-limit": String(LIMITS[kind]),
      "ratelimit-remaining": String(Math.max(LIMITS[kind] - window.used, 0)),
      "ratelimit-reset": String(Math.ceil((window.endsAt - this.#clock.now()) / 1000)),
    };
  }

  #window(name: string): Window {
    const current = this.#windows.get(name);
    if (current !== undefined && current.endsAt > this.#clock.now()) return current;
    const next = { endsAt: this.#clock.now() + WINDOW_MS, used: 0 };
    this.#windows.set(name, next);
    return next;
  }
}
