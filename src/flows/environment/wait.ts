import type { RunContext } from "../../core/run-context.ts";
import { AppError } from "../../core/app-error.ts";

/** How a flow waits for what vendors take time for. All durations are what they are at the vendors; the local cloud's scale makes them shorter. */
export interface Wait {
  /** Milliseconds that a wait of the vendors takes here. */
  scaled(milliseconds: number): number;
  /** Waits for so long, as the vendors count it. */
  pass(milliseconds: number): Promise<void>;
  /** Waits for so long on this machine. */
  nap(milliseconds: number): Promise<void>;
  /** Looks until it is good, or until the time is up: returns what was seen last. */
  until<Seen>(
    look: () => Promise<Seen>,
    isGood: (seen: Seen) => boolean,
    limitMs: number,
    everyMs: number,
  ): Promise<Seen>;
}

export interface WaitOptions extends Pick<RunContext, "clock" | "signal"> {
  readonly scale: number;
  /** Rejects when `signal` is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** At least this long between two looks, however fast the local cloud's time is. */
const SHORTEST_MS = 50;
const LEAST_PATIENCE_MS = 10_000;

/** @throws AppError CLOSED_BY_SIGNAL from each wait, after an interrupt */
export function waiting({ clock, signal, scale, sleep }: WaitOptions): Wait {
  const scaled = (milliseconds: number): number => milliseconds / scale;
  const nap = async (milliseconds: number): Promise<void> => {
    if (signal.aborted) throw interrupted();
    await sleep(milliseconds, signal).catch((error: unknown) => {
      throw signal.aborted ? interrupted() : error;
    });
  };
  return {
    scaled,
    pass: (milliseconds) => nap(scaled(milliseconds)),
    nap,
    until: async (look, isGood, limitMs, everyMs) => {
      // Processes of this machine take their time, whatever the scale.
      const end = clock.now() + Math.max(scaled(limitMs), Math.min(limitMs, LEAST_PATIENCE_MS));
      for (;;) {
        const seen = await look();
        if (isGood(seen) || clock.now() >= end) return seen;
        await nap(Math.max(SHORTEST_MS, scaled(everyMs)));
      }
    },
  };
}

function interrupted(): AppError {
  return new AppError("CLOSED_BY_SIGNAL", {
    problem: "It was interrupted between two steps: what was done so far is whole.",
    fix: "Run the same command again: it goes on from there. `kvshift rotate status` says where a rotation stands.",
    retryable: true,
  });
}
