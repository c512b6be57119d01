import type { RandomBytes } from "../../src/core/random.ts";
import type { Secret } from "../../src/core/secret.ts";
import type { Exchange } from "../http/edge.ts";
import { loggedJson } from "../http/request-log.ts";
import { carriesKey } from "./bearer-auth.ts";
import { RenderProblem } from "./problem.ts";
import type { RateLimits } from "./rate-limits.ts";
import { randomCharacters } from "./render-id.ts";
import { readJsonBody } from "./request-body.ts";

export const RATE_LIMITED = "rate limit exceeded";
const REQUEST_ID_CHARACTERS = 20;

export interface RequestGateOptions {
  readonly apiKey: Secret;
  readonly random: RandomBytes;
  readonly rateLimits: RateLimits;
  readonly isClosed: () => boolean;
  /** The routes. `body`: parsed JSON, `undefined` where there was none. */
  readonly route: (request: Request, body: unknown) => Response | Promise<Response>;
}

/** What every call passes before its route, and the headers of every answer. */
export function createRequestGate(
  options: RequestGateOptions,
): (request: Request, exchange: Exchange) => Promise<Response> {
  const { apiKey, random, rateLimits, isClosed, route } = options;

  async function pass(request: Request, exchange: Exchange, headers: Headers): Promise<Response> {
    if (isClosed()) throw new RenderProblem(503, "service unavailable");
    if (!carriesKey(request.headers.get("authorization"), apiKey)) throw new RenderProblem(401, "Unauthorized");
    const rate = rateLimits.take(request.method, new URL(request.url).pathname);
    for (const [name, value] of Object.entries(rate.headers)) headers.set(name, value);
    if (rate.isExceeded) throw new RenderProblem(429, RATE_LIMITED);
    const body = await readJsonBody(request);
    exchange.request = body ?? null;
    return route(request, body);
  }

  return async (request, exchange) => {
    const headers = new Headers({
      "content-type": "application/json; charset=utf-8",
      "render-request-id": randomCharacters(random, REQUEST_ID_CHARACTERS),
    });
    let response: Response;
    try {
      response = await pass(request, exchange, headers);
    } catch (error) {
      if (!(error instanceof RenderProblem)) throw error;
      response = Response.json({ message: error.message }, { status: error.status });
    }
    for (const [name, value] of headers) response.headers.set(name, value);
    const text = await response.clone().text();
    exchange.response = text === "" ? null : loggedJson(text);
    return response;
  };
}
