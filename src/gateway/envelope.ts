/**
 * Answers in Cloudflare's envelope. Its list of codes is not published for KV: the ones here are those that the real
 * service, its local explorer or the official SDK's tests show.
 * https://developers.cloudflare.com/fundamentals/api/how-to/make-api-calls/
 */
export const CODES = {
  COULD_NOT_ROUTE: 7003,
  /** No credential that is valid here and now. */
  AUTHENTICATION_ERROR: 10000,
  /** The request breaks a rule of KV. */
  INVALID: 10001,
  /** What the gateway stands on failed: run it again. */
  UNAVAILABLE: 10002,
  KEY_NOT_FOUND: 10009,
  /** Also whatever lies outside the scope of a credential: nobody learns what exists. */
  NAMESPACE_NOT_FOUND: 10013,
  TOO_MANY_WRITES: 10048,
  METHOD_NOT_ALLOWED: 10405,
} as const;

/** Thrown anywhere below the gateway and answered as an envelope with one error. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: number;
  /** Seconds after which a repetition makes sense. */
  readonly retryAfter: number | undefined;
  /** Methods that the path takes, where it does not take that of the request. */
  readonly allow: readonly string[] | undefined;

  constructor(status: number, code: number, message: string, more: RefusalDetails = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.status = status;
    this.code = code;
    this.retryAfter = more.retryAfter;
    this.allow = more.allow;
  }
}

export interface RefusalDetails {
  readonly retryAfter?: number;
  readonly allow?: readonly string[];
  /** What failed inside, for the log alone: where it was, never what it says. */
  readonly cause?: unknown;
}

export function answer(result: unknown, resultInfo?: object): Response {
  const info = resultInfo === undefined ? {} : { result_info: resultInfo };
  return json(200, { success: true, errors: [], messages: [], result, ...info });
}

export function refuse({ status, code, message, retryAfter, allow }: Refusal): Response {
  const headers = {
    ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
    ...(allow === undefined ? {} : { allow: allow.join(", ") }),
  };
  return json(status, { success: false, errors: [{ code, message }], messages: [], result: null }, headers);
}

/** A failure that knows what of it succeeded: `result` says so to clients that read it. */
export function incomplete(result: object, message: string): Response {
  const errors = [{ code: CODES.UNAVAILABLE, message }];
  return json(503, { success: false, errors, messages: [], result }, { "retry-after": "1" });
}

export function invalid(message: string, status = 400): Refusal {
  return new Refusal(status, CODES.INVALID, message);
}

export function unauthenticated(): Refusal {
  return new Refusal(401, CODES.AUTHENTICATION_ERROR, "Authentication error");
}

export function outOfScope(): Refusal {
  return new Refusal(404, CODES.NAMESPACE_NOT_FOUND, "namespace not found");
}

export function keyNotFound(): Refusal {
  return new Refusal(404, CODES.KEY_NOT_FOUND, "get: 'key not found'");
}

/** `cause`: what failed inside. */
export function unavailable(message: string, cause?: unknown): Refusal {
  return new Refusal(503, CODES.UNAVAILABLE, message, { retryAfter: 1, cause });
}

/** HEAD is taken wherever GET is. https://www.rfc-editor.org/rfc/rfc9110#section-15.5.6 */
export function methodNotAllowed(allowed: readonly string[], why = `This path takes ${allowed.join(", ")}.`): Refusal {
  const allow = allowed.includes("GET") ? ["HEAD", ...allowed] : allowed;
  return new Refusal(405, CODES.METHOD_NOT_ALLOWED, why, { allow });
}

function json(status: number, body: object, headers?: Record<string, string>): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
}
