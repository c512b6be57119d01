import { KV_LIMITS } from "../../core/limits.ts";
import { KvError } from "../kv-error.ts";
import type { KvNamespace } from "../namespace.ts";
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

/** Of the lifetime that has to be over before `touch` writes the session anew. */
const TOUCH_SHARE = 0.1;
const ENDED_PREFIX = "ended:";
const DAY_SECONDS = 86_400;
/** Where the namespace names no maximum. */
const LONGEST_SECONDS = 30 * DAY_SECONDS;
const PAGE = 50;

/**
 * Sessions on an eventual namespace, for those who accept what it cannot do: a destroyed session may be accepted for as
 * long as caches keep it, and of two requests at once the later one wins where neither sees the other. That a session was
 * destroyed stands under a key of its own, which no late write of the session replaces.
 */
export class EventualSessions implements Sessions {
  readonly #namespace: KvNamespace;
  /** The same keys, where what was destroyed is remembered for longer than any session lives. */
  readonly #records: KvNamespace;
  readonly #longestSeconds: number;

  constructor(namespace: KvNamespace) {
    this.#namespace = namespace;
    this.#records = namespace.withoutMaximum();
    this.#longestSeconds = namespace.settings.maxTtlSeconds ?? LONGEST_SECONDS;
  }

  async load(id: string): Promise<LoadedSession | undefined> {
    const key = await sessionKey(id);
    const ended = endedKey(key);
    // Past the near cache: that it was not destroyed a moment ago says nothing of now.
    const found = await this.#records.getMany([key, ended]);
    const data = found.get(key);
    return isSession(data) && !found.has(ended) ? { data, version: undefined } : undefined;
  }

  async save(
    id: string,
    data: SessionData,
    ttlSeconds: number,
    base?: LoadedSession,
  ): Promise<LoadedSession | undefined> {
    this.#requireLifetime(ttlSeconds);
    const key = await sessionKey(id);
    const ended = endedKey(key);
    const found = await this.#records.getMany([key, ended]);
    const there = found.get(key);
    if (found.has(ended) || (base !== undefined && !isSession(there))) return undefined;
    const wanted = base !== undefined && isSession(there) ? mergeSessions(base.data, data, there) : data;
    await this.#namespace.put(key, wanted, { ttlSeconds: atLeast(ttlSeconds) });
    return { data: wanted, version: undefined };
  }

  /** Workers KV changes no end without the value: it is written anew, but not at every request. */
  async touch(id: string, ttlSeconds: number): Promise<void> {
    this.#requireLifetime(ttlSeconds);
    const key = await sessionKey(id);
    const entry = await this.#namespace.getEntry(key);
    if (entry === undefined || !isSession(entry.value)) return;
    const left = ((entry.expiresAt ?? 0) - this.#namespace.now()) / 1000;
    if (Math.abs(ttlSeconds - left) >= ttlSeconds * TOUCH_SHARE) {
      await this.#namespace.put(key, entry.value, { ttlSeconds: atLeast(ttlSeconds) });
    }
  }

  async destroy(id: string): Promise<void> {
    await this.#end(await sessionKey(id));
  }

  all(): AsyncIterable<SessionData> {
    return sessionsOf(this.#namespace, inPages(this.#living(), PAGE));
  }

  async count(): Promise<number> {
    return countOf(inPages(this.#living(), PAGE));
  }

  async clear(): Promise<void> {
    for await (const keys of inPages(this.#living(), PAGE)) await Promise.all(keys.map((key) => this.#end(key)));
  }

  async #end(key: string): Promise<void> {
    await this.#records.put(endedKey(key), 1, { ttlSeconds: this.#longestSeconds + DAY_SECONDS });
    await this.#namespace.delete(key);
  }

  /** Keys of sessions that were not destroyed, as far as the lists of this location know. */
  async *#living(): AsyncGenerator<string, void> {
    const ended = new Set<string>();
    for await (const { key } of this.#namespace.list({ prefix: ENDED_PREFIX })) ended.add(key);
    for await (const { key } of this.#namespace.list({ prefix: SESSION_PREFIX })) {
      if (ended.has(endedKey(key))) continue;
      yield key;
    }
  }

  #requireLifetime(ttlSeconds: number): void {
    if (ttlSeconds <= this.#longestSeconds) return;
    const message = `A session of ${this.#namespace.name} may live for ${String(this.#longestSeconds)} s at most: for longer it is not remembered that it was destroyed.`;
    throw new KvError("EXPIRY_UNSUPPORTED", message);
  }
}

/** Workers KV ends nothing earlier: the last minute of a session is its cookie's alone. */
function atLeast(ttlSeconds: number): number {
  return ttlSeconds > 0 ? Math.max(KV_LIMITS.MIN_EXPIRATION_TTL_SECONDS, ttlSeconds) : ttlSeconds;
}

function endedKey(key: string): string {
  return `${ENDED_PREFIX}${key.slice(SESSION_PREFIX.length)}`;
}
