import type { CallOptions } from "./transport.ts";
import type { World } from "./world.ts";

export interface WarmOptions<Value> extends Pick<CallOptions, "signal"> {
  /** Makes what is missing; without it keys are only read into the near cache. */
  readonly load?: (key: string) => Promise<Value> | Value;
  /** How many keys at once. Default 4. */
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
  world: Pick<World, "now" | "sleep">,
): Promise<WarmResult> {
  const started = world.now();
  const source = Symbol.asyncIterator in keys ? keys[Symbol.asyncIterator]() : asAsync(keys);
  let [warmed, failed, begun, isOver] = [0, 0, 0, false];
  const result = (): WarmResult => ({ warmed, failed, isComplete: isOver });
  const mayGoOn = (): boolean => !isOver && signal?.aborted !== true && world.now() - started < budgetMs;
  const lane = async (): Promise<void> => {
    while (mayGoOn()) {
      const { done, value: key } = await source.next();
      if (done === true) {
        isOver = true;
        return;
      }
      begun += 1;
      if (perSecond !== undefined) {
        const due = started + ((begun - 1) * 1000) / perSecond;
        if (due > world.now()) await world.sleep(due - world.now(), signal);
      }
      try {
        await (load === undefined ? namespace.get(key, { signal }) : namespace.wrap(key, load, { signal }));
        warmed += 1;
      } catch {
        failed += 1;
      }
      onProgress?.(result());
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return result();
}

function asAsync(keys: Iterable<string>): AsyncIterator<string> {
  const inner = keys[Symbol.iterator]();
  return { next: () => Promise.resolve(inner.next()) };
}
