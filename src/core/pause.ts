import { setTimeout as sleep } from "node:timers/promises";

/** Waits; rejects when `signal` is aborted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal });
}
