import { bringInto, plainSession } from "./cookie-session.ts";
import { type LoadedSession, mergeSessions, type SessionData } from "./session-data.ts";

interface Saved {
  readonly sent: SessionData;
  readonly stored: LoadedSession;
}

/** What a framework's store knows of the session of a request. */
export interface Bases {
  of(session: object): LoadedSession | undefined;
  set(session: object, base: LoadedSession): void;
}

type Save = (data: SessionData, base: LoadedSession | undefined) => Promise<LoadedSession | undefined>;

/**
 * Saves of one session object, one after the other in the order of the program: two under way at once would take each
 * other for another request, and the one that came last could lose.
 */
export class OrderedSaves {
  readonly #running = new WeakMap<object, Promise<Saved | undefined>>();
  readonly #bases: Bases;

  constructor(bases: Bases) {
    this.#bases = bases;
  }

  /** `save` writes what is given, and returns what is stored then; nothing where the session has ended. */
  async save(session: object, save: Save): Promise<void> {
    // As it is now: the request may go on to change it.
    const sent = plainSession(session);
    const before = this.#running.get(session);
    const mine = this.#after(before, session, sent, save);
    this.#running.set(session, mine);
    try {
      await mine;
    } finally {
      if (this.#running.get(session) === mine) this.#running.delete(session);
    }
  }

  async #after(
    before: Promise<Saved | undefined> | undefined,
    session: object,
    sent: SessionData,
    save: Save,
  ): Promise<Saved | undefined> {
    const last = await before?.catch(() => undefined);
    // What others had written is in the last answer, and not yet in what was to be sent.
    const data = last === undefined ? sent : mergeSessions(last.sent, sent, last.stored.data);
    const stored = await save(data, this.#bases.of(session));
    if (stored === undefined) return undefined;
    bringInto(session, sent, stored.data);
    this.#bases.set(session, stored);
    return { sent, stored };
  }
}
