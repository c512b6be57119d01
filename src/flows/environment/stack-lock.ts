import { setTimeout as pause } from "node:timers/promises";

import type { RunContext } from "../../core/run-context.ts";
import { type LockedStack, liveLocks, stackLocked } from "../../engine/locks.ts";

const STEP = "Wait for the lock of the stack";
const POLL_MS = 500;

/**
 * Refuses a stack that another run holds, before anything else is done, or waits until it is free. Pulumi itself
 * neither waits nor says who it is: https://github.com/pulumi/pulumi/issues/9047
 */
export async function respectLock(
  locked: LockedStack,
  wait: boolean,
  run: Pick<RunContext, "clock" | "emit" | "signal">,
): Promise<void> {
  const { clock, emit, signal } = run;
  let locks = await liveLocks(locked);
  if (locks.length === 0) return;
  if (!wait) throw stackLocked(locks, clock.now());
  emit({ type: "step-started", step: STEP, note: stackLocked(locks, clock.now()).details.join("; ") });
  while (locks.length > 0) {
    // Interrupted: the lock is still there, and so is the reason to stop.
    if (signal.aborted) throw stackLocked(locks, clock.now());
    await pause(POLL_MS);
    locks = await liveLocks(locked);
  }
  emit({ type: "step-finished", step: STEP });
}
