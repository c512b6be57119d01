import { AppError } from "../../src/core/app-error.ts";
import type { Clock } from "../../src/core/clock.ts";

const POLL_MS = 50;
/** Render gives each check 5 seconds: https://render.com/docs/health-checks. */
const CHECK_TIMEOUT_MS = 5000;

export interface HealthCheckOptions {
  readonly url: string;
  /** Settles when the instance has ended. */
  readonly exited: Promise<number | null>;
  /** Gives up the instance. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  readonly fetch: typeof fetch;
}

function unhealthy(problem: string): AppError {
  return new AppError("LOCAL_CLOUD_FAILED", {
    problem,
    fix: "See what the service wrote; the instance before it keeps serving.",
  });
}

/** Why an instance that nobody waits for any more does not start. */
export function givenUp(): AppError {
  return unhealthy("The deploy was given up.");
}

async function answersHealthy({ url, signal, fetch }: HealthCheckOptions): Promise<boolean> {
  try {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(CHECK_TIMEOUT_MS)]);
    const { status, body } = await fetch(url, { redirect: "manual", signal: bounded });
    await body?.cancel();
    return status >= 200 && status < 400;
  } catch {
    // Not listening yet, or given up: the caller knows which.
    return false;
  }
}

/** Resolves when the instance answers its health path; rejects when it ends, takes too long or is given up. */
export async function untilHealthy(options: HealthCheckOptions): Promise<void> {
  const { exited, signal, timeoutMs, clock, sleep } = options;
  const deadline = clock.now() + timeoutMs;
  const state: { ended: boolean } = { ended: false };
  const ended = exited.finally(() => {
    state.ended = true;
  });
  for (;;) {
    const isHealthy = await answersHealthy(options);
    if (signal.aborted) throw givenUp();
    // Another process may answer on the port of an instance that has ended.
    if (state.ended) throw unhealthy("The instance ended before it was healthy.");
    if (isHealthy) return;
    if (clock.now() >= deadline) throw unhealthy(`The instance was not healthy within ${String(timeoutMs)} ms.`);
    const rest = new AbortController();
    await Promise.race([sleep(POLL_MS, AbortSignal.any([signal, rest.signal])), ended]);
    rest.abort();
  }
}
