import type { Clock } from "../../src/core/clock.ts";
import { RENDER_RATE_LIMITS } from "../../src/core/limits.ts";
import { FixedWindows, type Quota, type QuotaState } from "../http/fixed-windows.ts";

export interface RateQuotas {
  readonly read: Quota;
  readonly write: Quota;
  /** Counted for each service. */
  readonly deploy: Quota;
  readonly createService: Quota;
}

/**
 * Writes are held to the 100 a minute that Render's answers show, not to the 30 that it publishes: a group takes a call
 * for each changed variable and each link, and here, where no call travels far, several environments change in a minute.
 */
export const DEFAULT_QUOTAS: RateQuotas = {
  read: { requests: RENDER_RATE_LIMITS.READS_PER_MINUTE, windowSeconds: 60 },
  write: { requests: RENDER_RATE_LIMITS.WRITES_PER_MINUTE, windowSeconds: 60 },
  deploy: { requests: RENDER_RATE_LIMITS.DEPLOYS_PER_MINUTE, windowSeconds: 60 },
  createService: { requests: RENDER_RATE_LIMITS.CREATED_SERVICES_PER_HOUR, windowSeconds: 3600 },
};

const SERVICE_PATH = /^\/v1\/services\/([^/]+)(?:\/(deploys|suspend|resume|scale))?$/;

/** Whether the call is one of those that Render counts for each service. */
function isDeploy(method: string, action: string | undefined): boolean {
  return action === undefined ? method === "PATCH" : method === "POST";
}

export interface RateLimitState extends QuotaState {
  /** `Ratelimit-*`, and `Retry-After` where the call was one too many. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Counts the calls of a user as Render does: https://api-docs.render.com/reference/rate-limiting */
export class RateLimits {
  readonly #windows: FixedWindows;
  readonly #quotas: RateQuotas;
  readonly #isService: (id: string) => boolean;

  /** `isService`: only what exists is counted for itself, so that made-up ids cannot fill the memory. */
  constructor(clock: Clock, quotas: RateQuotas, isService: (id: string) => boolean) {
    this.#windows = new FixedWindows(clock);
    this.#quotas = quotas;
    this.#isService = isService;
  }

  /** Counts one call. */
  take(method: string, path: string): RateLimitState {
    const { key, quota } = this.#bucket(method, path);
    const state = this.#windows.take(key, quota);
    const headers = {
      "ratelimit-limit": String(quota.requests),
      "ratelimit-remaining": String(state.remaining),
      "ratelimit-reset": String(state.resetSeconds),
      ...(state.isExceeded ? { "retry-after": String(state.resetSeconds) } : {}),
    };
    return { ...state, headers };
  }

  #bucket(method: string, path: string): { key: string; quota: Quota } {
    const { read, write, deploy, createService } = this.#quotas;
    if (method === "GET") return { key: "read", quota: read };
    if (method === "POST" && path === "/v1/services") return { key: "create service", quota: createService };
    const [, id, action] = SERVICE_PATH.exec(path) ?? [];
    if (id !== undefined && isDeploy(method, action) && this.#isService(id)) return { key: id, quota: deploy };
    return { key: "write", quota: write };
  }
}
