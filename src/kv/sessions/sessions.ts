import { hexOf } from "../digest.ts";
import { KvError } from "../kv-error.ts";
import type { KvNamespace } from "../namespace.ts";
import { StrongKvNamespace } from "../strong-namespace.ts";
import { EventualSessions } from "./eventual-sessions.ts";
import type { Sessions } from "./session-data.ts";
import { StrongSessions } from "./strong-sessions.ts";

export interface SessionsOptions {
  /**
   * Only of an eventual namespace: that a session may be accepted after it was destroyed, for as long as Cloudflare's
   * caches keep it. They publish no bound. https://developers.cloudflare.com/kv/concepts/how-kv-works/#consistency
   */
  readonly acceptStaleLogout?: true;
}

/**
 * Sessions in a namespace: on a strong one with all that people expect of Redis.
 *
 * @throws KvError NOT_STRONG on an eventual one, unless `acceptStaleLogout` says that it is meant
 */
export function sessionsIn(namespace: KvNamespace, { acceptStaleLogout }: SessionsOptions = {}): Sessions {
  if (namespace instanceof StrongKvNamespace) return new StrongSessions(namespace);
  if (acceptStaleLogout === true) return new EventualSessions(namespace);
  throw new KvError(
    "NOT_STRONG",
    `The namespace ${namespace.name} is eventual: a destroyed session may be accepted for minutes. Use a strong one, or say acceptStaleLogout: true.`,
  );
}

/** An id that nobody guesses: 256 bits, for a cookie. */
export function newSessionId(): string {
  return hexOf(crypto.getRandomValues(new Uint8Array(32)));
}
