import { setTimeout as sleep } from "node:timers/promises";

/** Waits; rejects when `signal` is aborted. What waits for something else pauses with this, so that an interrupt ends it. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
}
