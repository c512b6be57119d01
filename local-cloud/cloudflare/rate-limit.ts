import type { MiddlewareHandler } from "hono";

import type { Clock } from "../../src/core/clock.ts";
import { FixedWindows, type Quota, type QuotaState } from "../http/fixed-windows.ts";
import { knownToken } from "./authentication.ts";
import type { Cloud, EmulatorEnv } from "./context.ts";
import { failureEnvelope, send } from "./envelope.ts";

/**
 * Counts the calls of each token and refuses all of them for a whole window once there was one too many.
 * https://developers.cloudflare.com/fundamentals/api/reference/limits/
 */
class RateLimit {
  readonly #clock: Clock;
  readonly #quota: Quota;
  readonly #windows: FixedWindows;
  /** Milliseconds since the epoch, by token. */
  readonly #blockedUntil = new Map<string, number>();

  constructor(clock: Clock, quota: Quota) {
    this.#clock = clock;
    this.#quota = quota;
    this.#windows = new FixedWindows(clock);
  }

  take(tokenId: string): QuotaState {
    const now = this.#clock.now();
    const blockedUntil = this.#blockedUntil.get(tokenId) ?? 0;
    if (now < blockedUntil) {
      return { isExceeded: true, remaining: 0, resetSeconds: Math.ceil((blockedUntil - now) / 1000) };
    }
    const state = this.#windows.take(tokenId, this.#quota);
    if (!state.isExceeded) return state;
    // The window that was exceeded is over before the block is: it began earlier and is as long.
    this.#blockedUntil.set(tokenId, now + this.#quota.windowSeconds * 1000);
    return { ...state, resetSeconds: this.#quota.windowSeconds };
  }
}

/** Holds every call to the quota of its token, and tells in the headers of each answer how it stands. */
export function rateLimited(cloud: Cloud, quota: Quota): MiddlewareHandler<EmulatorEnv> {
  const rateLimit = new RateLimit(cloud.clock, quota);
  const policy = `"default";q=${String(quota.requests)};w=${String(quota.windowSeconds)}`;

  return async (c, next) => {
    const token = knownToken(cloud, c);
    if (token === undefined) return next();
    const { isExceeded, remaining, resetSeconds } = rateLimit.take(token.id);
    if (isExceeded) {
      c.res = send(c, 429, failureEnvelope(429));
      c.res.headers.set("retry-after", String(resetSeconds));
    } else {
      await next();
    }
    c.res.headers.set("ratelimit", `"default";r=${String(remaining)};t=${String(resetSeconds)}`);
    c.res.headers.set("ratelimit-policy", policy);
  };
}
