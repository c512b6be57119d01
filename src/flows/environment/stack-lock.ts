import { randomUUID } from "node:crypto";

import { systemClock } from "../../core/clock.ts";
import { pause, type RunContext } from "../../core/run-context.ts";
import { backendFolder } from "../../engine/backend.ts";
import { type CiRun, ciRunOf } from "../../engine/ci-run.ts";
import { type LockedStack, removeHold, writeHold } from "../../engine/holds.ts";
import { type BrokenLock, findLocks, type LiveLock, stackLocked } from "../../engine/locks.ts";
import { type Machine, thisMachine } from "../../processes/machine.ts";

const STEP = "Wait for the lock of the stack";
const POLL_MS = 500;
/** How often a run that came first looks whether one that came at the same time has stepped back. */
const LOOKS_AT_ONCE = 20;
const LOOK_MS = 100;

/** A stack that this run holds until it is disposed of. */
export interface StackHold extends AsyncDisposable {
  /** What dead runs had left in the way; for the audit log. */
  readonly broken: readonly BrokenLock[];
}

/** Whose run it is, and where. */
interface Holder {
  readonly machine: Machine;
  readonly ci: CiRun | undefined;
}

/**
 * Takes a stack for this run, and refuses one that another run holds, before anything else is done, or waits until it is
 * free. Pulumi itself neither waits nor says who it is: https://github.com/pulumi/pulumi/issues/9047
 *
 * @throws AppError STACK_LOCKED
 */
export async function holdStack(
  locked: LockedStack,
  wait: boolean,
  run: Pick<RunContext, "env" | "clock" | "emit" | "signal">,
  machine: Machine = thisMachine(),
): Promise<StackHold> {
  const { env, clock, emit, signal } = run;
  const holder = { machine, ci: ciRunOf(env) };
  const broken: BrokenLock[] = [];
  let isWaiting = false;
  for (;;) {
    const hold = await tryHold(locked, holder, signal, broken);
    if (!("locks" in hold)) {
      if (isWaiting) emit({ type: "step-finished", step: STEP });
      for (const { pid, hostname, ci, why } of broken) {
        const whose = ci === undefined ? `process ${String(pid)} on ${hostname}` : `${ci} (${hostname})`;
        emit({ type: "note", text: `A lock of ${whose} was in the way and is gone: ${why}.` });
      }
      return { broken, [Symbol.asyncDispose]: () => hold[Symbol.asyncDispose]() };
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
  { machine, ci }: Holder,
  signal: AbortSignal,
  broken: BrokenLock[],
): Promise<AsyncDisposable | { readonly locks: readonly LiveLock[] }> {
  const look = async (except?: string): Promise<readonly LiveLock[]> => {
    const found = await findLocks(locked, { machine, ci, now: systemClock.now(), ...(except ? { except } : {}) });
    broken.push(...found.broken);
    return found.live;
  };
  const before = await look();
  if (before.length > 0) return { locks: before };
  const root = backendFolder(locked.backendUrl);
  if (root === undefined) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const id = randomUUID();
  const path = await writeHold(root, locked, machine, id, systemClock.now(), ci);
  const held = { [Symbol.asyncDispose]: () => removeHold(path) };
  let locks: readonly LiveLock[] = [];
  for (let looks = 0; looks < LOOKS_AT_ONCE; looks += 1) {
    locks = await look(id);
    if (locks.length === 0) return held;
    if (locks.some((lock) => lock.path < path) || signal.aborted) break;
    await pause(LOOK_MS, signal).catch(() => undefined);
  }
  await held[Symbol.asyncDispose]();
  return { locks };
}
