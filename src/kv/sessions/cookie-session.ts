import type { SessionData } from "./session-data.ts";

/** A session of a framework that keeps the state of its cookie in it. */
export interface CookieSession {
  readonly cookie?: {
    readonly expires?: Date | string | null | undefined;
    readonly maxAge?: number | null | undefined;
    readonly originalMaxAge?: number | null | undefined;
  };
}

/** What is stored of it: the JSON that it makes of itself. */
export function plainSession(session: object): SessionData {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object becomes an object
  return JSON.parse(JSON.stringify(session)) as SessionData;
}

/**
 * Brings what was stored into the session of a request that goes on: fields that another request had changed meanwhile
 * are in it from now on, so that its next write does not take them away. `sent`: what this request wrote.
 */
export function bringInto(session: object, sent: SessionData, stored: SessionData): void {
  for (const name of new Set([...Object.keys(sent), ...Object.keys(stored)])) {
    if (name === "cookie" || JSON.stringify(sent[name]) === JSON.stringify(stored[name])) continue;
    if (Object.hasOwn(stored, name)) Object.assign(session, { [name]: structuredClone(stored[name]) });
    else Reflect.deleteProperty(session, name);
  }
}

/** How long it lives from now on: until its cookie ends, else `otherwise`; whole seconds. `now`: milliseconds. */
export function ttlOf({ cookie }: CookieSession, otherwise: number, now: number): number {
  const expires = cookie?.expires;
  if (expires === undefined || expires === null) return otherwise;
  return Math.ceil((new Date(expires).getTime() - now) / 1000);
}
