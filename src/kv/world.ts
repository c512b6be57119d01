/** What the library takes from outside itself; tests pass their own. */
export interface World {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds since some moment; unlike `now` it never steps back or forth. Default: `now` where that is given. */
  readonly elapsed: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Ends early, without an error, when `signal` aborts. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Unguessable text of 128 bits. */
  readonly uniqueId: () => string;
}

export const realWorld: World = {
  // By its name at each call: instrumentation replaces it.
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  elapsed: () => performance.now(),
  random: () => Math.random(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      signal?.addEventListener("abort", end);
    }),
  uniqueId: () => crypto.randomUUID().replaceAll("-", ""),
};

/** The real world, but for what is given. */
export function worldWith(given: Partial<World>): World {
  return { ...realWorld, ...(given.now === undefined ? {} : { elapsed: given.now }), ...given };
}
