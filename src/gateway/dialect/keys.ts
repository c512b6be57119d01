import { KV_LIMITS } from "../../core/limits.ts";
import { answer, invalid } from "../envelope.ts";
import { integerOf, methodNotAllowed, type NamespaceCall } from "./call.ts";

/** https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/keys/ */
export async function keys({ request, query, store }: NamespaceCall): Promise<Response> {
  if (request.method !== "GET") throw methodNotAllowed("GET");
  const { MIN_LIST_KEYS: min, MAX_LIST_KEYS: max } = KV_LIMITS;
  const limit = integerOf(query, "limit") ?? max;
  if (!(limit >= min && limit <= max)) throw invalid(`Invalid limit. It must be an integer from ${min} to ${max}.`);
  // An empty cursor is what the last page has: whoever sends it starts anew.
  const page = await store.list({ prefix: query.get("prefix") ?? "", cursor: query.get("cursor") || undefined, limit });
  return answer(page.keys, { count: page.keys.length, cursor: page.cursor ?? "" });
}
