import type { Secret } from "../../src/core/secret.ts";
import { isJson, parseJson, type Plain } from "./plain.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Answer {
  readonly status: number;
  /** Parsed JSON; `undefined` where the answer holds none. */
  readonly json: Plain | undefined;
  /** What was asked and answered, for messages: never holds a body. */
  readonly summary: string;
}

/** Sends one request. `path` is appended to the endpoint and may carry a query. */
export type Send = (method: Method, path: string, body?: Plain) => Promise<Answer>;

export interface SenderOptions {
  readonly endpoint: URL;
  readonly key: Secret;
  readonly userAgent: string;
  readonly fetch: typeof globalThis.fetch;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const TIMEOUT_MS = 60_000;
/** How often a request is repeated that the vendor asked to send later. */
const MAX_REPEATS = 3;

/** A vendor refused or could not be reached. The message is safe to show: it holds no request body. */
export class VendorError extends Error {
  override readonly name = "VendorError";
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

export function createSender({ endpoint, key, userAgent, fetch, sleep }: SenderOptions): Send {
  const base = endpoint.href.replace(/\/$/, "");
  return async (method, path, body) => {
    const send = (): Promise<Response> =>
      fetch(`${base}${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${key.reveal()}`,
          "User-Agent": userAgent,
          Accept: "application/json",
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A redirect could leave this machine.
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    const request = `${method} "${base}${path}"`;
    try {
      let response = await send();
      for (let repeat = 0; repeat < MAX_REPEATS && response.status === 429; repeat += 1) {
        const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
        if (!Number.isInteger(seconds)) break;
        await response.body?.cancel();
        await sleep(seconds * 1000);
        response = await send();
      }
      const summary = `${request}: ${String(response.status)} ${response.statusText}`.trimEnd();
      return { status: response.status, json: parse(response, await response.text()), summary };
    } catch (error) {
      throw new VendorError(`${request}: no answer (${reasonOf(error)})`);
    }
  };
}

function parse(response: Response, content: string): Plain | undefined {
  if (!(response.headers.get("Content-Type") ?? "").includes("json")) return undefined;
  return isJson(content) ? parseJson(content) : undefined;
}

/** The code of a network error, such as ECONNREFUSED: its message may hold the whole request. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return "unknown error";
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
}
