import { toBase64 } from "../../core/base64.ts";
import { sha256 } from "../digest.ts";

/** What a session holds: JSON, by name. */
export type SessionData = Readonly<Record<string, unknown>>;

/** A session as it was when it was read or written, for the next write to compare with. */
export interface LoadedSession {
  readonly data: SessionData;
  /** Of the pair; `undefined` on an eventual namespace. */
  readonly version: string | undefined;
}

/** Sessions by their id. Ids are stored as hashes only. Every method throws `KvError`. */
export interface Sessions {
  /** `undefined`: there is none, or it has ended, or it was destroyed. */
  load(id: string): Promise<LoadedSession | undefined>;
  /**
   * Writes a session. `base`: what this request had loaded; without it the session is a new one, or is replaced as a
   * whole. Returns what is stored now; `undefined` where the session was destroyed or has ended meanwhile: it stays so.
   */
  save(id: string, data: SessionData, ttlSeconds: number, base?: LoadedSession): Promise<LoadedSession | undefined>;
  /** Changes when the session ends, where it is there. */
  touch(id: string, ttlSeconds: number): Promise<void>;
  /** Ends a session; its id never becomes valid again. */
  destroy(id: string): Promise<void>;
  /** Every session that is there. */
  all(): AsyncIterable<SessionData>;
  /** How many there are. */
  count(): Promise<number>;
  /** Destroys them all. */
  clear(): Promise<void>;
}

/**
 * What two requests made of one session: of each field the one that was changed since `base`, and `mine` where both
 * changed it. Fields are whole: what is nested is not merged.
 */
export function mergeSessions(base: SessionData, mine: SessionData, theirs: SessionData): SessionData {
  const names = new Set([...Object.keys(theirs), ...Object.keys(mine)]);
  // Not by assignment: `__proto__` is a name like any other in JSON.
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const source = isSame(own(base, name), own(mine, name)) ? theirs : mine;
      return Object.hasOwn(source, name) ? [[name, source[name]] as const] : [];
    }),
  );
}

function own(data: SessionData, name: string): unknown {
  return Object.hasOwn(data, name) ? data[name] : undefined;
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

export function isSession(value: unknown): value is SessionData {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The key of a session: whoever reads the store cannot take over what it holds. */
export async function sessionKey(id: string): Promise<string> {
  const text = toBase64(await sha256(id));
  return `${SESSION_PREFIX}${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

export const SESSION_PREFIX = "session:";
