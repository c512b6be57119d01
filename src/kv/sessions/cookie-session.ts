import type { SessionData } from "./session-data.ts";

/** A session of a framework that keeps the state of its cookie in it. */
export interface CookieSession {
  readonly cookie?: {
    /** `false` is express-session's word for a cookie that ends with the browser. */
    readonly expires?: Date | string | boolean | null | undefined;
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
    // `__proto__` is a name like any other in JSON, and would be another's prototype here.
    if (Object.hasOwn(stored, name)) {
      const value = structuredClone(stored[name]);
      Object.defineProperty(session, name, { value, writable: true, enumerable: true, configurable: true });
    } else Reflect.deleteProperty(session, name);
  }
}

/** How long it lives from now on: until its cookie ends, else `otherwise`; whole seconds. `now`: milliseconds. */
export function ttlOf({ cookie }: CookieSession, otherwise: number, now: number): number {
  const expires = cookie?.expires;
  if (typeof expires !== "string" && !(expires instanceof Date)) return otherwise;
  const end = new Date(expires).getTime();
  return Number.isNaN(end) ? otherwise : Math.ceil((end - now) / 1000);
}
