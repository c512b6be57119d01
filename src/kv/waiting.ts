import { KvError } from "./kv-error.ts";
import type { Call } from "./transport.ts";
import type { World } from "./world.ts";

/** What `setTimeout` takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls `end` at a moment by `World.elapsed`. Returns how to call it off. */
export function at(until: number, { elapsed }: Pick<World, "elapsed">, end: () => void): () => void {
  const timer = setTimeout(end, Math.min(Math.max(until - elapsed(), 0), LONGEST_TIMER_MS));
  return () => {
    clearTimeout(timer);
  };
}

/**
 * Waits for work that goes on when this call ends: others wait for it too, or nothing can end it.
 *
 * @throws KvError ABORTED, DEADLINE_EXCEEDED
 */
export async function waitingFor<Result>(
  work: Promise<Result>,
  { signal, until }: Call,
  world: Pick<World, "elapsed">,
): Promise<Result> {
  if (signal === undefined && until === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      if (signal !== undefined) reject(aborted(signal));
    };
    const late = (): void => {
      reject(tooLate());
    };
    const callOff = until === undefined ? undefined : at(until, world, late);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted === true) abort();
    const end = (): void => {
      callOff?.();
      signal?.removeEventListener("abort", abort);
    };
    work.finally(end).then(resolve, reject);
  });
}

/** `isOutcomeUnknown`: a request was under way. */
export function aborted(signal: AbortSignal, isOutcomeUnknown = true): KvError {
  return new KvError("ABORTED", "The call was aborted.", { cause: signal.reason, isOutcomeUnknown });
}

/** `isOutcomeUnknown`: a request was under way. */
export function tooLate(isOutcomeUnknown = true): KvError {
  return new KvError("DEADLINE_EXCEEDED", "KV did not answer before the deadline of the call.", { isOutcomeUnknown });
}
