import type { Clock } from "../../src/core/clock.ts";

export interface Quota {
  readonly requests: number;
  readonly windowSeconds: number;
}

/** How a quota stands after a call. */
export interface QuotaState {
  /** Whether this call was one too many. */
  readonly isExceeded: boolean;
  readonly remaining: number;
  /** Seconds until the quota is whole again, rounded up. */
  readonly resetSeconds: number;
}

/** Counts calls by key. A window begins with its first call and ends after its time, whatever came in between. */
export class FixedWindows {
  readonly #clock: Clock;
  readonly #windows = new Map<string, { readonly endsAt: number; used: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one call. */
  take(key: string, { requests, windowSeconds }: Quota): QuotaState {
    const now = this.#clock.now();
    let window = this.#windows.get(key);
    if (window === undefined || window.endsAt <= now) {
      window = { endsAt: now + windowSeconds * 1000, used: 0 };
      this.#windows.set(key, window);
    }
    window.used += 1;
    return {
      isExceeded: window.used > requests,
      remaining: Math.max(requests - window.used, 0),
      resetSeconds: Math.ceil((window.endsAt - now) / 1000),
    };
  }
}
