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

/** How long it lives from now on: until its cookie ends, else `otherwise`; whole seconds. `now`: milliseconds. */
export function ttlOf({ cookie }: CookieSession, otherwise: number, now: number): number {
  const expires = cookie?.expires;
  if (expires === undefined || expires === null) return otherwise;
  return Math.ceil((new Date(expires).getTime() - now) / 1000);
}
