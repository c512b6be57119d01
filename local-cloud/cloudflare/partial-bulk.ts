import { z } from "zod";

import type { Exchange } from "../http/edge.ts";
import { loggedJson, MAX_LOGGED_BYTES } from "../http/request-log.ts";

const BULK_PATH = /\/storage\/kv\/namespaces\/[^/]+\/bulk(?:\/delete)?$/;
const bulkBody = z.array(z.union([z.string(), z.looseObject({ key: z.string() })]));
const bulkAnswer = z.looseObject({
  success: z.literal(true),
  result: z.looseObject({ unsuccessful_keys: z.array(z.string()) }),
});

/**
 * Answers a bulk put or bulk delete of which `exchange.failsKey` lets some keys fail: those never reach the routes and
 * are listed in `unsuccessful_keys`. Any other request passes as it is.
 * https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/bulk_update/
 */
export async function answerPartially(
  request: Request,
  exchange: Exchange,
  answer: (request: Request) => Promise<Response>,
): Promise<Response> {
  const { failsKey } = exchange;
  if (failsKey === undefined || !BULK_PATH.test(new URL(request.url).pathname)) return answer(request);
  const sent = await request.text();
  const body = bulkBody.safeParse(parsedOrNull(sent));
  if (!body.success) return answer(withBody(request, sent));
  const keyOf = (item: (typeof body.data)[number]): string => (typeof item === "string" ? item : item.key);
  const failed = body.data.map(keyOf).filter(failsKey);
  const kept = body.data.filter((item) => !failsKey(keyOf(item)));
  const response = await answer(withBody(request, JSON.stringify(kept)));
  exchange.request = sent.length > MAX_LOGGED_BYTES ? null : body.data;
  const whole = bulkAnswer.safeParse(await response.clone().json());
  if (!whole.success) return response;
  const text = JSON.stringify({ ...whole.data, result: { ...whole.data.result, unsuccessful_keys: failed } });
  exchange.response = loggedJson(text);
  return new Response(text, response);
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function withBody(request: Request, body: string): Request {
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  return new Request(request.url, { method: request.method, headers, body });
}
