import { randomUUID } from "node:crypto";

import { systemClock } from "../../core/clock.ts";
import { pause, type RunContext } from "../../core/run-context.ts";
import { backendFolder } from "../../engine/backend.ts";
import { type LockedStack, removeHold, writeHold } from "../../engine/holds.ts";
import { type LiveLock, liveLocks, stackLocked } from "../../engine/locks.ts";
import { type Machine, thisMachine } from "../../processes/machine.ts";

const STEP = "Wait for the lock of the stack";
const POLL_MS = 500;
/** How often a run that came first looks whether one that came at the same time has stepped back. */
const LOOKS_AT_ONCE = 20;
const LOOK_MS = 100;

/**
 * Takes a stack for this run, and refuses one that another run holds, before anything else is done, or waits until it is
 * free. Pulumi itself neither waits nor says who it is: https://github.com/pulumi/pulumi/issues/9047
 *
 * @throws AppError STACK_LOCKED
 */
export async function holdStack(
  locked: LockedStack,
  wait: boolean,
  run: Pick<RunContext, "clock" | "emit" | "signal">,
  machine: Machine = thisMachine(),
): Promise<AsyncDisposable> {
  const { clock, emit, signal } = run;
  let isWaiting = false;
  for (;;) {
    const hold = await tryHold(locked, machine, signal);
    if (!("locks" in hold)) {
      if (isWaiting) emit({ type: "step-finished", step: STEP });
      return hold;
    }
    const error = stackLocked(hold.locks, clock.now());
    // Interrupted: the lock is still there, and so is the reason to stop.
    if (!wait || signal.aborted) throw error;
    if (!isWaiting) emit({ type: "step-started", step: STEP, note: error.details.join("; ") });
    isWaiting = true;
    await pause(POLL_MS, signal).catch(() => {
      throw error;
    });
  }
}

/**
 * Each run writes its own hold before it looks for others, so that of two at least one sees the other; the one with the
 * greater id steps back at once, the other one gives it the time to.
 */
async function tryHold(
  locked: LockedStack,
  machine: Machine,
  signal: AbortSignal,
): Promise<AsyncDisposable | { readonly locks: readonly LiveLock[] }> {
  const before = await liveLocks(locked, machine);
  if (before.length > 0) return { locks: before };
  const root = backendFolder(locked.backendUrl);
  if (root === undefined) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const id = randomUUID();
  const path = await writeHold(root, locked, machine, id, systemClock.now());
  const held = { [Symbol.asyncDispose]: () => removeHold(path) };
  let locks: readonly LiveLock[] = [];
  for (let look = 0; look < LOOKS_AT_ONCE; look += 1) {
    locks = await liveLocks(locked, machine, id);
    if (locks.length === 0) return held;
    if (locks.some((lock) => lock.path < path) || signal.aborted) break;
    await pause(LOOK_MS, signal).catch(() => undefined);
  }
  await held[Symbol.asyncDispose]();
  return { locks };
}
