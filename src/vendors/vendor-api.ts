import { AppError } from "../core/app-error.ts";
import type { Secret } from "../core/secret.ts";

/** The part of `fetch` that is used, so that tests can answer in its place. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Answer {
  /** HTTP status; `undefined` where there was no answer. */
  readonly status: number | undefined;
  /** Parsed JSON; `undefined` where the answer holds none. */
  readonly json: unknown;
  /** For people: what was asked, and the status or why there was no answer. Holds no body and no key. */
  readonly summary: string;
}

/**
 * Sends one request to `path` below the base of an API. Never throws for what the vendor or the network did.
 *
 * @throws AppError CLOSED_BY_SIGNAL after an interrupt, where there was no answer yet
 */
export type Send = (method: Method, path: string, body?: unknown) => Promise<Answer>;

export interface ApiOptions {
  /** With the version, without a trailing slash: `https://api.render.com/v1`. */
  readonly base: string;
  readonly key: Secret;
  readonly fetch: Fetch;
  /** Rejects when `signal` is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal;
  /** Told before a pause that the vendor asked for. */
  readonly onPause?: (seconds: number) => void;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How often a request may be sent again. Default 3. */
  readonly repeats?: number;
}

const TIMEOUT_MS = 30_000;
const BACKOFF_MS = [500, 2_000, 5_000] as const;
/** Cloudflare blocks for five minutes: https://developers.cloudflare.com/fundamentals/api/reference/limits/ */
const MAX_PAUSE_SECONDS = 330;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/**
 * One API of a vendor. Waits where the vendor says so (429 with `Retry-After`), repeats what may be repeated, follows
 * no redirect: the key goes to the vendor and nowhere else.
 */
export function vendorApi(options: ApiOptions): Send {
  return async (method, path, body) => {
    for (let repeat = 0; ; repeat += 1) {
      const { answer, retryAfter } = await sendOnce(options, method, path, body);
      const pause =
        repeat < (options.repeats ?? BACKOFF_MS.length)
          ? pauseBefore(method, answer.status, retryAfter, repeat)
          : undefined;
      if (options.signal.aborted && answer.status === undefined) throw interrupted(answer);
      if (pause === undefined || options.signal.aborted) return answer;
      if (answer.status === 429) options.onPause?.(Math.ceil(pause / 1000));
      try {
        await options.sleep(pause, options.signal);
      } catch (error) {
        // The pause ends with an interrupt.
        throw options.signal.aborted ? interrupted(answer) : error;
      }
    }
  };
}

function interrupted({ summary }: Answer): AppError {
  return new AppError("CLOSED_BY_SIGNAL", {
    problem: "The run was interrupted while a vendor was asked.",
    details: [summary],
    fix: "Run the same command again.",
    retryable: true,
  });
}

/** Milliseconds to wait before the same request is sent again, or `undefined` where it must not be. */
function pauseBefore(
  method: Method,
  status: number | undefined,
  retryAfter: number | undefined,
  repeat: number,
): number | undefined {
  const backoff = BACKOFF_MS[repeat];
  if (status === 429) {
    if (retryAfter === undefined) return backoff;
    return retryAfter <= MAX_PAUSE_SECONDS ? retryAfter * 1000 : undefined;
  }
  const isRepeatable = method === "GET" || method === "DELETE";
  return isRepeatable && (status === undefined || status >= 500) ? backoff : undefined;
}

async function sendOnce(
  { base, key, headers: own, fetch, signal }: ApiOptions,
  method: Method,
  path: string,
  body: unknown,
): Promise<{ answer: Answer; retryAfter: number | undefined }> {
  const asked = `${method} ${path.split("?")[0] ?? ""}`;
  try {
    const response = await fetch(`${base.replace(/\/$/, "")}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${key.reveal()}`,
        Accept: "application/json",
        "User-Agent": "kvshift",
        ...own,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const { status } = response;
    const { headers } = response;
    return {
      answer: { status, json: parse(await boundedText(response)), summary: `${asked}: answered ${String(status)}` },
      // Render says in every answer when its window ends, in seconds from now.
      retryAfter: secondsOf(headers.get("Retry-After")) ?? secondsOf(headers.get("Ratelimit-Reset"), MAX_PAUSE_SECONDS),
    };
  } catch (error) {
    const summary = `${asked}: no answer (${reasonOf(error)})`;
    return { answer: { status: undefined, json: undefined, summary }, retryAfter: undefined };
  }
}

/** A header as whole seconds, `undefined` for a date, anything else, or more than `most`. */
function secondsOf(header: string | null, most = Number.POSITIVE_INFINITY): number | undefined {
  const seconds = /^\d+$/.test(header ?? "") ? Number(header) : Number.NaN;
  return seconds <= most ? seconds : undefined;
}

async function boundedText(response: Response): Promise<string> {
  const length = Number(response.headers.get("Content-Length") ?? 0);
  if (length > MAX_ANSWER_BYTES) {
    await response.body?.cancel();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tooLarge(): Error {
  return Object.assign(new RangeError("answer too large"), { code: "ANSWER_TOO_LARGE" });
}

/** Whether a variable can be sent as a key: a paste with blanks or line ends inside cannot. */
export function isSendable(key: string): boolean {
  return /^[\x21-\x7e]+$/.test(key);
}

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
