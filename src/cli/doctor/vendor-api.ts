import type { Secret } from "../../core/secret.ts";

/** The part of `fetch` that is used, so that tests can answer in its place. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Answer {
  /** HTTP status; `undefined` where there was no answer. */
  readonly status: number | undefined;
  /** Parsed JSON; `undefined` where the answer holds none. */
  readonly json: unknown;
  /** For people: the status, or why there was no answer. */
  readonly summary: string;
}

/** Asks for `path` below the base of an API. */
export type Ask = (path: string) => Promise<Answer>;

export interface ApiOptions {
  readonly base: string;
  readonly key: Secret;
  readonly fetch: Fetch;
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 10_000;

/** Only reads, and follows no redirect: the key goes to the vendor and nowhere else. */
export function vendorApi({ base, key, fetch, signal }: ApiOptions): Ask {
  return async (path) => {
    try {
      const response = await fetch(`${base.replace(/\/$/, "")}${path}`, {
        headers: { Authorization: `Bearer ${key.reveal()}`, Accept: "application/json" },
        redirect: "error",
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      const { status } = response;
      return { status, json: parse(await response.text()), summary: `answered ${String(status)}` };
    } catch (error) {
      return { status: undefined, json: undefined, summary: `no answer (${reasonOf(error)})` };
    }
  };
}

/** Whether a variable can be sent as a key: a paste with blanks or line ends inside cannot. */
export function isSendable(key: string): boolean {
  return /^[\x21-\x7e]+$/.test(key);
}

/** What to do about an answer that says nothing about the key: no answer, 429, 5xx. */
export const TRY_AGAIN =
  "Check the network, a proxy and the vendor's status page, then run it again. CLOUDFLARE_BASE_URL and RENDER_HOST must be unset or right.";

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The code of a network error, such as ECONNREFUSED: its message may hold the whole request. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return "unknown error";
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
}
