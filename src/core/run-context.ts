import { setTimeout as sleep } from "node:timers/promises";

import type { Confirm, Prompts } from "./ask.ts";
import type { Clock } from "./clock.ts";
import type { Emit } from "./events.ts";

/** What a flow is given of the world by whoever starts it. Tests pass another. */
export interface RunContext {
  /** The folder of the project, or one below it. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Aborted by the first interrupt (Ctrl-C). */
  readonly signal: AbortSignal;
  readonly confirm: Confirm;
  /** Questions to a person; absent where nobody can answer. */
  readonly prompts?: Prompts | undefined;
}

/** Waits; rejects when `signal` is aborted. What waits for something else pauses with this, so that an interrupt ends it. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
}
