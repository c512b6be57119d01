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
import { countOf, inPages, sessionsOf } from "./stored-sessions.ts";

/** What a destroyed session leaves, with the value `null`: a late write finds it, and changes nothing. */
const GRAVE = { dead: 1 };
const PAGE = 100;
/** Writes of one session that come in between, one after the other. */
const MAX_TRIES = 50;
/** For how long a request may be under way that began before its session was destroyed, where sessions are shorter. */
const LONGEST_REQUEST_SECONDS = 3600;

/** Sessions on a strong namespace: a destroyed one is refused from that moment on, and no field of a request is lost. */
export class StrongSessions implements Sessions {
  readonly #namespace: StrongKvNamespace;
  readonly #graveSeconds: number;

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
    let version = base?.version;
    let wanted = data;
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      const { applied, version: now } =
        version === undefined
          ? await this.#namespace.putIfAbsent(key, wanted, { ttlSeconds })
          : await this.#namespace.putIfUnchanged(key, wanted, version, { ttlSeconds });
      if (applied) return { data: wanted, version: now };
      const entry = await this.#namespace.getEntry(key);
      const there = loaded(entry);
      if (there !== undefined && there.version === undefined) {
        throw new KvError("UNAVAILABLE", "KV did not say which version of the session there is.");
      }
      if (there === undefined) {
        // Destroyed, or ended. A new one may begin where nothing is left of the id, not even a grave.
        if (base !== undefined || entry !== undefined) return undefined;
        version = undefined;
        continue;
      }
      ({ version } = there);
      wanted = base === undefined ? data : mergeSessions(base.data, data, there.data);
    }
    throw new KvError("UNAVAILABLE", `${String(MAX_TRIES)} other writes of the same session came in between.`);
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
