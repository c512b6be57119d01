/** Time as kvshift sees it. Passed in, so that no test depends on today's date or waits. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Before every expiry: for those who look at a configuration without acting on it. */
export const BEFORE_ANY_EXPIRY: Clock = { now: () => 0 };

/** A clock that shows `start` now and runs at the system's pace. `start`: milliseconds since the epoch. */
export function clockStartingAt(start: number, base: Clock = systemClock): Clock {
  const offset = start - base.now();
  return { now: () => base.now() + offset };
}
