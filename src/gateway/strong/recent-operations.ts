/** How long an operation is remembered with the entry that it changed: longer than any repetition in the gateway. */
export const REMEMBERED_MS = 30_000;
const MAX_REMEMBERED = 16;
/** An id of 16 digits, `@`, the time in base 36, and the space between two. */
const CHARACTERS = 16 + 1 + 8 + 1;
/** Of the text with as many operations as are remembered. */
export const MAX_RECENT_CHARACTERS = MAX_REMEMBERED * CHARACTERS - 1;

/** Whether an operation was done, as far as an entry can tell. */
export type Memory = "done" | "not-done" | "unknown";

interface Remembered {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * The operations that last changed an entry, kept in its row: a write that is repeated after a lost answer must not
 * undo what came after it. It costs no row of its own, which is what Durable Objects are billed by.
 */
export class RecentOperations {
  readonly #newestFirst: readonly Remembered[];

  private constructor(newestFirst: readonly Remembered[]) {
    this.#newestFirst = newestFirst;
  }

  static parse(text: string | undefined): RecentOperations {
    const entries = text ? text.split(" ") : [];
    return new RecentOperations(
      entries.map((entry) => {
        const [id = "", at = ""] = entry.split("@");
        return { id, at: Number.parseInt(at, 36) };
      }),
    );
  }

  /** `unknown`: so many others came in the meantime that this one may have been forgotten. */
  recall(id: string, now: number): Memory {
    if (this.#newestFirst.some((operation) => operation.id === id)) return "done";
    const oldest = this.#newestFirst.at(-1);
    const isFull = this.#newestFirst.length === MAX_REMEMBERED && oldest !== undefined;
    return isFull && now - oldest.at < REMEMBERED_MS ? "unknown" : "not-done";
  }

  /** With one more, without those that are old. */
  with(id: string, now: number): RecentOperations {
    const young = this.#newestFirst.filter(({ at }) => now - at < REMEMBERED_MS);
    return new RecentOperations([{ id, at: now }, ...young].slice(0, MAX_REMEMBERED));
  }

  toString(): string {
    return this.#newestFirst.map(({ id, at }) => `${id}@${at.toString(36)}`).join(" ");
  }
}
