import { KvError } from "./kv-error.ts";
import type { Call } from "./transport.ts";
import { waitingFor } from "./waiting.ts";
import type { World } from "./world.ts";

/** Writes of a key that go one after the other, in the order in which they were asked for. */
export class WriteTurns {
  readonly #world: World;
  /** What the next write of a key waits for. */
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * Does the work when those before it are over. `isAwaited`: whether later ones wait for this one.
   *
   * @throws KvError of the call's signal or deadline where its turn did not come in time: then nothing was sent
   */
  async take<Result>(
    keys: readonly string[],
    call: Call,
    isAwaited: boolean,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const before = keys.flatMap((key) => this.#last.get(key) ?? []);
    if (before.length === 0 && !isAwaited) return work();
    const turn = Promise.allSettled(before);
    const mine = waitingFor(turn, call, this.#world).catch(nothingSent).then(work);
    if (!isAwaited) return mine;
    // Whoever gives up waiting does not let the next one pass those that came before.
    const over = Promise.allSettled([turn, mine]);
    for (const key of keys) this.#last.set(key, over);
    try {
      return await mine;
    } finally {
      void this.#forget(keys, over);
    }
  }

  async #forget(keys: readonly string[], over: Promise<unknown>): Promise<void> {
    await over;
    for (const key of keys) if (this.#last.get(key) === over) this.#last.delete(key);
  }
}

/** Of a write that gave up before its turn. */
function nothingSent(error: unknown): never {
  if (!(error instanceof KvError)) throw error;
  throw new KvError(error.code, error.message, { cause: error.cause, isOutcomeUnknown: false });
}
