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
  waiting: {
    readonly save: WaitingSave;
    readonly resolve: (stored: Stored) => void;
    readonly reject: (reason: unknown) => void;
  }[];
}

/**
 * The saves of one session by the requests of this process, one write at a time: all that wait meanwhile become the next
 * one. Each on its own would find the version of another, and read and write again for every one that came before.
 */
export class SaveLines {
  readonly #lines = new Map<string, Line>();

  save(key: string, save: WaitingSave, write: Write): Promise<Stored> {
    return new Promise((resolve, reject) => {
      const line = this.#lines.get(key);
      if (line !== undefined) line.waiting.push({ save, resolve, reject });
      else void this.#run(key, { waiting: [{ save, resolve, reject }] }, write);
    });
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
      for (const { resolve, reject } of waiting) {
        if (outcome.status === "fulfilled") resolve(outcome.value);
        else reject(outcome.reason);
      }
    }
    this.#lines.delete(key);
  }
}
