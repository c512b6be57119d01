import { KvError } from "./kv-error.ts";
import type { CallOptions } from "./transport.ts";
import type { World } from "./world.ts";

export interface WarmOptions<Value> extends Pick<CallOptions, "signal"> {
  /** Makes what is missing; without it keys are only read into the near cache. */
  readonly load?: (key: string) => Promise<Value> | Value;
  /** How many keys at once, a whole number. Default 4. */
  readonly concurrency?: number;
  /** How many keys a second at most. Default: no bound but the concurrency. */
  readonly perSecond?: number;
  /** How long it may take, in milliseconds; what is left then stays cold. */
  readonly budgetMs?: number;
  readonly onProgress?: (progress: WarmResult) => void;
}

export interface WarmResult {
  /** Keys that were read or made. */
  readonly warmed: number;
  readonly failed: number;
  /** Whether all keys were reached. */
  readonly isComplete: boolean;
}

interface Warmable<Value> {
  get(key: string, call: CallOptions): Promise<Value | undefined>;
  wrap(key: string, load: (key: string) => Promise<Value> | Value, options: CallOptions): Promise<Value>;
}

const DEFAULT_CONCURRENCY = 4;

/** A key that fails keeps no other from being warmed. */
export async function warmKeys<Value>(
  namespace: Warmable<Value>,
  keys: Iterable<string> | AsyncIterable<string>,
  { load, concurrency = DEFAULT_CONCURRENCY, perSecond, budgetMs = Infinity, signal, onProgress }: WarmOptions<Value>,
  world: Pick<World, "elapsed" | "sleep">,
): Promise<WarmResult> {
  if (!(Number.isInteger(concurrency) && concurrency > 0) || !(perSecond === undefined || perSecond > 0)) {
    throw new KvError("NOT_CONFIGURED", "concurrency is a whole number from 1, perSecond a number above 0.");
  }
  const started = world.elapsed();
  const source = Symbol.asyncIterator in keys ? keys[Symbol.asyncIterator]() : asAsync(keys);
  let [warmed, failed, begun, isOver, isCut] = [0, 0, 0, false, false];
  const result = (): WarmResult => ({ warmed, failed, isComplete: isOver && !isCut });
  const hasTime = (): boolean => signal?.aborted !== true && world.elapsed() - started < budgetMs;
  const lane = async (): Promise<void> => {
    while (!isOver && hasTime()) {
      const { done, value: key } = await source.next();
      if (done === true) {
        isOver = true;
        return;
      }
      begun += 1;
      if (perSecond !== undefined) {
        const due = started + Math.min(((begun - 1) * 1000) / perSecond, budgetMs);
        const pauseMs = due - world.elapsed();
        if (pauseMs > 0) await world.sleep(pauseMs, signal);
        if (!hasTime()) {
          isCut = true;
          return;
        }
      }
      try {
        const left = budgetMs - (world.elapsed() - started);
        const call = { signal, ...(left === Infinity ? {} : { deadlineMs: left }) };
        await (load === undefined ? namespace.get(key, call) : namespace.wrap(key, load, call));
        warmed += 1;
      } catch {
        failed += 1;
      }
      onProgress?.(result());
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, lane));
    return result();
  } finally {
    // What gives the keys may hold something open.
    if (!isOver) await source.return?.();
  }
}

function asAsync(keys: Iterable<string>): AsyncIterator<string> {
  const inner = keys[Symbol.iterator]();
  return {
    next: () => Promise.resolve(inner.next()),
    return: () => Promise.resolve(inner.return?.() ?? { done: true, value: undefined }),
  };
}
