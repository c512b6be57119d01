import { STATUS_CODES } from "node:http";

import type { ContentfulStatusCode } from "hono/utils/http-status";

import { loggedJson } from "../http/request-log.ts";
import type { EmulatorContext } from "./context.ts";

export interface ApiMessage {
  readonly code: number;
  readonly message: string;
  readonly documentation_url?: string;
  readonly error_chain?: readonly ApiMessage[];
}

/**
 * Codes of Cloudflare's error envelope. Cloudflare publishes no list for KV or tokens: the ones marked "seen" stand in
 * answers of the real service, the others are what its local explorer and its sibling services answer with.
 */
export const CODES = {
  /** Seen: the rate limit is exceeded. */
  RATE_LIMITED: 971,
  /** Seen: a token that is not known, at the verify endpoints. */
  INVALID_API_TOKEN: 1000,
  /** Seen: what the token service refuses. */
  TOKEN_INVALID: 1001,
  /** Seen: the list of accounts is for tokens of users. */
  ACCOUNT_OWNED_TOKEN: 1001,
  TOKEN_NOT_FOUND: 1003,
  /** Seen: no usable Authorization header; 6111 explains 6003. */
  INVALID_REQUEST_HEADERS: 6003,
  INVALID_AUTHORIZATION_HEADER: 6111,
  /** Seen together for a path that leads nowhere, a malformed account id included. */
  NO_ROUTE: 7000,
  COULD_NOT_ROUTE: 7003,
  /** Seen. */
  MISSING_AUTHORIZATION: 9106,
  /** Seen: the token may not be used from this address. */
  WRONG_LOCATION: 9109,
  /** Documented: https://developers.cloudflare.com/changelog/post/2026-08-20-contextual-403s/ */
  AUTHENTICATION_ERROR: 10000,
  /** Local explorer: any request that KV refuses. */
  KV_INVALID: 10001,
  /** Not documented: stands for whatever failed inside Cloudflare. */
  INTERNAL_ERROR: 10002,
  /** Seen. */
  WORKER_NOT_FOUND: 10007,
  /** Local explorer, seen. */
  KEY_NOT_FOUND: 10009,
  /** Local explorer, seen. */
  NAMESPACE_NOT_FOUND: 10013,
  /** Seen. */
  NAMESPACE_TITLE_EXISTS: 10014,
  /** Seen: what the Workers service refuses. */
  WORKER_INVALID: 10021,
  /** Seen: a binding to a KV namespace that does not exist. */
  WORKER_KV_NAMESPACE_NOT_FOUND: 10041,
} as const;

/** Thrown by a route and answered as an error envelope. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: ContentfulStatusCode;
  readonly errors: readonly ApiMessage[];

  constructor(status: ContentfulStatusCode, ...errors: readonly ApiMessage[]) {
    super(errors.map(({ code, message }) => `${String(code)}: ${message}`).join("; "));
    this.status = status;
    this.errors = errors;
  }
}

interface Envelope {
  readonly success: boolean;
  readonly errors: readonly ApiMessage[];
  readonly messages: readonly { code: number; message: string; type: null }[];
  readonly result: unknown;
  readonly result_info?: object;
}

/** Answers with a result in Cloudflare's envelope. */
export function answer(c: EmulatorContext, result: unknown, more: Partial<Envelope> = {}): Response {
  return send(c, 200, { success: true, errors: [], messages: [], result, ...more });
}

/** Answers with errors in Cloudflare's envelope. */
export function refuse(c: EmulatorContext, { status, errors }: ApiError): Response {
  return send(c, status, { success: false, errors, messages: [], result: null });
}

/** The envelope of a failure that no route explains, such as one of the network in front of them. */
export function failureEnvelope(status: number): Envelope {
  const error =
    status === 429
      ? { code: CODES.RATE_LIMITED, message: "Please wait and consider throttling your request speed" }
      : { code: CODES.INTERNAL_ERROR, message: STATUS_CODES[status] ?? "Unknown error" };
  return { success: false, errors: [error], messages: [], result: null };
}

/** No such path. Cloudflare answers a malformed account or object id in the same way. */
export function couldNotRoute(path: string): ApiError {
  return new ApiError(
    404,
    {
      code: CODES.COULD_NOT_ROUTE,
      message: `Could not route to ${path.replace("/client/v4", "")}, perhaps your object identifier is invalid?`,
    },
    { code: CODES.NO_ROUTE, message: "No route for that URI" },
  );
}

/** Answers with an envelope as it is. */
export function send(c: EmulatorContext, status: ContentfulStatusCode, envelope: Envelope): Response {
  const text = JSON.stringify(envelope);
  c.env.exchange.response = loggedJson(text);
  return c.body(text, status, { "content-type": "application/json" });
}
