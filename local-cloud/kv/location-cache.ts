import { type Content, endOf } from "./content.ts";

interface Copy {
  /** `undefined`: that there was nothing. */
  readonly content: Content | undefined;
  /** Milliseconds since the epoch. */
  readonly takenAt: number;
  ttlMs: number;
}

/** The copies that one location answers from. Times are in milliseconds since the epoch. */
export class LocationCache {
  readonly #copies = new Map<string, Copy>();

  /** The copy, if it is younger than `ttlMs` and than the lifetime it was taken for; it lives no longer than that. */
  find(key: string, ttlMs: number, now: number): { readonly content: Content | undefined } | undefined {
    const copy = this.#copies.get(key);
    if (copy === undefined) return undefined;
    copy.ttlMs = Math.min(copy.ttlMs, ttlMs);
    const isYoung = now - copy.takenAt < copy.ttlMs;
    if (isYoung && (copy.content === undefined || now < endOf(copy.content))) return copy;
    this.#copies.delete(key);
    return undefined;
  }

  keep(key: string, content: Content | undefined, ttlMs: number, now: number): void {
    this.#copies.set(key, { content, takenAt: now, ttlMs });
  }

  forget(key: string): void {
    this.#copies.delete(key);
  }
}
