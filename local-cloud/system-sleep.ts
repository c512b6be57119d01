import { setTimeout as delay } from "node:timers/promises";

/** Real time, or until `signal` says that nobody waits any more. */
export async function systemSleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  // Giving up a wait early is no error.
  await delay(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}
