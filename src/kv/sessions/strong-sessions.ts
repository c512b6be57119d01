import { KvError } from "../kv-error.ts";
import type { StrongKvNamespace } from "../strong-namespace.ts";
import type { Entry } from "../value-store.ts";
import { recordOf } from "../json-record.ts";
import {
  isSession,
  type LoadedSession,
  mergeSessions,
  SESSION_PREFIX,
  type SessionData,
  sessionKey,
  type Sessions,
} from "./session-data.ts";
import { SaveLines, type WaitingSave } from "./save-line.ts";
import { countOf, inPages, sessionsOf } from "./stored-sessions.ts";

/** What a destroyed session leaves, with the value `null`: a late write finds it, and changes nothing. */
const GRAVE = { dead: 1 };
const PAGE = 100;
/** Writes of one session by other processes that come in between, one after the other. */
const MAX_TRIES = 20;
/** Between two tries, growing with each: whoever writes the same session does so, too. */
const PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 500;
/** For how long a request may be under way that began before its session was destroyed, where sessions are shorter. */
const LONGEST_REQUEST_SECONDS = 3600;

/** Sessions on a strong namespace: a destroyed one is refused from that moment on, and no field of a request is lost. */
export class StrongSessions implements Sessions {
  readonly #namespace: StrongKvNamespace;
  readonly #graveSeconds: number;
  readonly #lines = new SaveLines();

  constructor(namespace: StrongKvNamespace) {
    this.#namespace = namespace;
    const { defaultTtlSeconds, maxTtlSeconds } = namespace.settings;
    // As long as a session can live: then nothing is left that could come back.
    this.#graveSeconds = maxTtlSeconds ?? Math.max(defaultTtlSeconds, LONGEST_REQUEST_SECONDS);
  }

  async load(id: string): Promise<LoadedSession | undefined> {
    return loaded(await this.#namespace.getEntry(await sessionKey(id)));
  }

  async save(
    id: string,
    data: SessionData,
    ttlSeconds: number,
    base?: LoadedSession,
  ): Promise<LoadedSession | undefined> {
    const key = await sessionKey(id);
    if (base === undefined) return this.#create(key, data, ttlSeconds);
    return this.#lines.save(key, { data, ttlSeconds, base }, (waiting, last) => this.#write(key, waiting, last));
  }

  /** A session of an id that nobody had, or in the place of one as a whole. */
  async #create(key: string, data: SessionData, ttlSeconds: number): Promise<LoadedSession | undefined> {
    let version: string | undefined;
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      const { applied, version: now } =
        version === undefined
          ? await this.#namespace.putIfAbsent(key, data, { ttlSeconds })
          : await this.#namespace.putIfUnchanged(key, data, version, { ttlSeconds });
      if (applied) return { data, version: now };
      const { there, isGrave } = await this.#found(key);
      // A new one may begin where nothing is left of the id, not even a grave.
      if (there === undefined && isGrave) return undefined;
      version = there?.version;
      await this.#pause(attempt);
    }
    throw tooMany();
  }

  /**
   * What requests of this process made of a session, as one write that follows the version it is based on. `last`: what
   * the write before it left; who began with another version is merged into it.
   */
  async #write(
    key: string,
    waiting: readonly WaitingSave[],
    last: LoadedSession | undefined,
  ): Promise<LoadedSession | undefined> {
    const ttlSeconds = Math.max(...waiting.map((save) => save.ttlSeconds));
    const [first, ...others] = waiting;
    let there = last ?? (others.length === 0 ? first?.base : (await this.#found(key)).there);
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      // Destroyed, or ended: it stays so.
      if (there?.version === undefined) return undefined;
      const data = waiting.reduce((theirs, save) => mergeSessions(save.base.data, save.data, theirs), there.data);
      const { applied, version } = await this.#namespace.putIfUnchanged(key, data, there.version, { ttlSeconds });
      if (applied) return { data, version };
      await this.#pause(attempt);
      ({ there } = await this.#found(key));
    }
    throw tooMany();
  }

  /** What is there now; a grave is a destroyed session. */
  async #found(key: string): Promise<{ readonly there: LoadedSession | undefined; readonly isGrave: boolean }> {
    const entry = await this.#namespace.getEntry(key);
    const there = loaded(entry);
    if (there !== undefined && there.version === undefined) {
      throw new KvError("UNAVAILABLE", "KV did not say which version of the session there is.");
    }
    return { there, isGrave: entry !== undefined && there === undefined };
  }

  /** Not before the first try again: most often one other write came in between. */
  async #pause(attempt: number): Promise<void> {
    if (attempt === 0) return;
    await this.#namespace.pause(Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** attempt));
  }

  async touch(id: string, ttlSeconds: number): Promise<void> {
    const key = await sessionKey(id);
    await this.#namespace.touch(key, { ttlSeconds });
    // It was a grave, or became one meanwhile: a grave outlives every session.
    const entry = await this.#namespace.getEntry(key);
    if (entry !== undefined && !isSession(entry.value)) await this.destroy(id);
  }

  async destroy(id: string): Promise<void> {
    const options = { ttlSeconds: this.#graveSeconds, metadata: GRAVE };
    await this.#namespace.put(await sessionKey(id), null, options);
  }

  all(): AsyncIterable<SessionData> {
    return sessionsOf(this.#namespace, inPages(this.#living(), PAGE));
  }

  async count(): Promise<number> {
    return countOf(inPages(this.#living(), PAGE));
  }

  async clear(): Promise<void> {
    const options = { ttlSeconds: this.#graveSeconds, metadata: GRAVE };
    for await (const keys of inPages(this.#living(), PAGE)) {
      const graves = keys.map((key) => [key, null] as const);
      await this.#namespace.putMany(graves, options);
    }
  }

  /** Keys of sessions that were not destroyed. */
  async *#living(): AsyncGenerator<string, void> {
    for await (const { key, metadata } of this.#namespace.list({ prefix: SESSION_PREFIX })) {
      if ("dead" in recordOf(metadata)) continue;
      yield key;
    }
  }
}

function loaded(entry: Entry<unknown> | undefined): LoadedSession | undefined {
  return entry !== undefined && isSession(entry.value) ? { data: entry.value, version: entry.version } : undefined;
}

function tooMany(): KvError {
  return new KvError("UNAVAILABLE", `${String(MAX_TRIES)} other writes of the same session came in between.`);
}
