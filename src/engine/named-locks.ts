import { AppError } from "../core/app-error.ts";

/** A lock as Pulumi names it in its error: pkg/backend/diy/lock.go. */
const NAMED = /created by (?<who>\S+@\S+) \(pid (?<pid>\d+)\) at (?<since>\S+)/g;

/** Whether a failure of the engine says that another run has locked the stack. */
export const LOCKED = /currently locked by/i;

/**
 * The refusal of a stack that Pulumi found locked, with who holds it as far as the lock tells. On object storage that is
 * all that is known: a name of a host is no proof of a machine, so that whether the run still lives cannot be seen. Pure.
 */
export function lockedByNamed(texts: readonly string[]): AppError {
  const details = texts
    .flatMap((text) => [...text.matchAll(NAMED)])
    .map(({ groups: { who = "", pid = "", since = "" } = {} }) => `process ${pid} of ${who}, since ${since}`);
  return new AppError("STACK_LOCKED", {
    problem: "Another run holds the lock of this stack.",
    details: [...new Set(details)],
    fix: "Wait for it to end and run again. Once you know that it is over, `pulumi cancel` with the stack's name takes its lock away; on a file:// backend what a dead process of this machine left is removed by itself.",
    retryable: true,
  });
}

/** How long a run waits for Pulumi's own lock, and how often it tries. */
export interface LockPatience {
  readonly limitMs: number;
  readonly everyMs: number;
  /** Rejects when the run is interrupted. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly now: () => number;
  /** Told of the first refusal. */
  readonly onWait: (refusal: AppError) => void;
}

/**
 * Calls the engine again while another run holds the stack: Pulumi looks for a lock before it does anything, so that a
 * refused call has changed nothing. Without `patience` the first refusal counts.
 *
 * @throws AppError STACK_LOCKED when the time is up or the run is interrupted; whatever else `call` throws
 */
export async function whileLocked<T>(call: () => Promise<T>, patience: LockPatience | undefined): Promise<T> {
  const end = patience === undefined ? 0 : patience.now() + patience.limitMs;
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await call();
    } catch (error) {
      const isLocked = error instanceof AppError && error.code === "STACK_LOCKED";
      if (patience === undefined || !isLocked || patience.now() >= end) throw error;
      if (isFirst) patience.onWait(error);
      await patience.sleep(patience.everyMs).catch(() => {
        throw error;
      });
    }
  }
}
