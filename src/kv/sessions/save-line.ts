import type { LoadedSession, SessionData } from "./session-data.ts";

/** A save that waits for its turn. */
export interface WaitingSave {
  readonly data: SessionData;
  readonly ttlSeconds: number;
  readonly base: LoadedSession;
}

type Stored = LoadedSession | undefined;

/** Writes all that wait as one. `last`: what the write before it left. */
type Write = (waiting: readonly WaitingSave[], last: Stored) => Promise<Stored>;

interface Line {
  waiting: { readonly save: WaitingSave; readonly done: PromiseWithResolvers<Stored> }[];
}

/**
 * The saves of one session by the requests of this process, one write at a time: all that wait meanwhile become the next
 * one. Each on its own would find the version of another, and read and write again for every one that came before.
 */
export class SaveLines {
  readonly #lines = new Map<string, Line>();

  async save(key: string, save: WaitingSave, write: Write): Promise<Stored> {
    const done = withResolvers<Stored>();
    const line = this.#lines.get(key);
    if (line !== undefined) line.waiting.push({ save, done });
    else void this.#run(key, { waiting: [{ save, done }] }, write);
    return done.promise;
  }

  async #run(key: string, line: Line, write: Write): Promise<void> {
    this.#lines.set(key, line);
    let last: Stored;
    while (line.waiting.length > 0) {
      const { waiting } = line;
      line.waiting = [];
      const [outcome] = await Promise.allSettled([
        write(
          waiting.map(({ save }) => save),
          last,
        ),
      ]);
      last = outcome.status === "fulfilled" ? outcome.value : undefined;
      for (const { done } of waiting) {
        if (outcome.status === "fulfilled") done.resolve(outcome.value);
        else done.reject(outcome.reason);
      }
    }
    this.#lines.delete(key);
  }
}

/** Node.js 20 has no `Promise.withResolvers`. */
function withResolvers<Value>(): PromiseWithResolvers<Value> {
  let settle: Pick<PromiseWithResolvers<Value>, "resolve" | "reject"> | undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, resolve: (value) => settle?.resolve(value), reject: (reason) => settle?.reject(reason) };
}
