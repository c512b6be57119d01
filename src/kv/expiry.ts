import { KV_LIMITS } from "../core/limits.ts";
import type { NamespaceSettings } from "./environment.ts";
import { KvError } from "./kv-error.ts";
import type { StoredExpiry } from "./transport.ts";

/** When a pair is to end; without either: the namespace's default from now. */
export interface Expiry {
  /** From now; a whole number. */
  readonly ttlSeconds?: number | undefined;
  readonly expiresAt?: Date | undefined;
}

/** When a pair ends, as it is asked of KV and as its readers take it. */
export interface ExactExpiry {
  readonly stored: StoredExpiry;
  /** Milliseconds since the epoch, by this process's clock. */
  readonly atMs: number;
}

/** How much shorter than asked a lifetime may become at random, as a share of it: so that not all pairs end at once. */
export type Jitter = number;

export interface ExpiryRules {
  readonly settings: Pick<NamespaceSettings, "name" | "consistency" | "defaultTtlSeconds" | "maxTtlSeconds">;
  readonly jitter: Jitter;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/**
 * A strong namespace counts the time itself; an eventual one gets a date, to the second above.
 *
 * @throws KvError EXPIRY_UNSUPPORTED naming the limit: what KV cannot keep is never changed in silence
 */
export function expiryOf(
  { ttlSeconds, expiresAt }: Expiry,
  { settings, jitter, now, random }: ExpiryRules,
): ExactExpiry {
  if (ttlSeconds !== undefined && expiresAt !== undefined) {
    throw unsupported("Give ttlSeconds or expiresAt, not both.");
  }
  const { name, consistency, defaultTtlSeconds, maxTtlSeconds = Infinity } = settings;
  const asked = expiresAt === undefined ? (ttlSeconds ?? defaultTtlSeconds) : (expiresAt.getTime() - now) / 1000;
  if (!Number.isFinite(asked)) throw unsupported("The end is no number of seconds, and no date.");
  if (ttlSeconds !== undefined && !Number.isInteger(ttlSeconds)) {
    throw unsupported("ttlSeconds has to be a whole number: KV counts no parts of a second.");
  }
  if (asked > maxTtlSeconds) {
    throw unsupported(
      `A pair of ${name} may live for ${String(maxTtlSeconds)} s at most (maxTtlSeconds), not ${shown(asked)} s.`,
    );
  }
  const minimum = consistency === "strong" ? 1 : KV_LIMITS.MIN_EXPIRATION_TTL_SECONDS;
  if (asked < minimum) {
    const why =
      consistency === "strong" ? "" : " Workers KV keeps nothing for less; a strong namespace does, from one second.";
    throw unsupported(`A pair of ${name} lives for ${String(minimum)} s at least, not ${shown(asked)} s.${why}`);
  }
  const wanted = jitter === 0 ? asked : Math.max(minimum, asked * (1 - jitter * random()));
  // A strong namespace ends a pair at the second above; readers of an eventual one know the very millisecond.
  const seconds = consistency === "strong" ? Math.ceil(wanted) : wanted;
  const atMs = now + seconds * 1000;
  return { stored: consistency === "strong" ? { ttlSeconds: seconds } : { atMs }, atMs };
}

/**
 * KV keeps a pair for so much longer than it lives: it refuses an end that is less than 60 seconds away by the time it
 * reads it, on whatever clock. Readers end a pair by its metadata.
 */
const CLOCK_MARGIN_SECONDS = 60;

/** What KV is asked for, in whole seconds: a lifetime, or a date in seconds since the epoch. */
export function secondsOf(expiry: StoredExpiry): { readonly ttl: number } | { readonly at: number } | undefined {
  if (expiry === undefined) return undefined;
  return "ttlSeconds" in expiry
    ? { ttl: Math.ceil(expiry.ttlSeconds) }
    : { at: Math.ceil(expiry.atMs / 1000) + CLOCK_MARGIN_SECONDS };
}

function shown(seconds: number): string {
  return String(Math.round(seconds * 1000) / 1000);
}

function unsupported(message: string): KvError {
  return new KvError("EXPIRY_UNSUPPORTED", message);
}
