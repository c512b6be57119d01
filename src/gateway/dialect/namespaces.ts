import { KV_LIMITS } from "../../core/limits.ts";
import type { NamespaceConfig } from "../config.ts";
import { answer, invalid, methodNotAllowed, type Refusal } from "../envelope.ts";
import { assertKeyLength } from "../rules.ts";
import { integerOf, type NamespaceCall } from "./call.ts";

const MAX_PER_PAGE = 1000;
const DEFAULT_PER_PAGE = 20;

/** Those that a credential reaches: https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/ */
export function handleNamespaces(
  method: string,
  query: URLSearchParams,
  reachable: readonly NamespaceConfig[],
): Response {
  if (method !== "GET") throw readOnly();
  const page = bounded(query, "page", 1, Number.MAX_SAFE_INTEGER);
  const perPage = bounded(query, "per_page", DEFAULT_PER_PAGE, MAX_PER_PAGE);
  const by = query.get("order") === "title" ? "title" : "id";
  const sorted = reachable.toSorted((a, b) => (a[by] < b[by] ? -1 : 1));
  if (query.get("direction") === "desc") sorted.reverse();
  const items = sorted.slice((page - 1) * perPage, page * perPage);
  return answer(items.map(view), {
    page,
    per_page: perPage,
    count: items.length,
    total_count: sorted.length,
    total_pages: Math.ceil(sorted.length / perPage),
  });
}

export function handleNamespace(method: string, config: NamespaceConfig): Response {
  if (method !== "GET") throw readOnly();
  return answer(view(config));
}

/** https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/keys/ */
export async function handleKeys({ request, query, store }: NamespaceCall): Promise<Response> {
  if (request.method !== "GET") throw methodNotAllowed(["GET"]);
  const { MIN_LIST_KEYS: min, MAX_LIST_KEYS: max } = KV_LIMITS;
  const limit = integerOf(query, "limit") ?? max;
  if (!(limit >= min && limit <= max)) throw invalid(`Invalid limit. It must be an integer from ${min} to ${max}.`);
  const prefix = query.get("prefix") ?? "";
  assertKeyLength(prefix);
  // An empty cursor is what the last page has: whoever sends it starts anew.
  const page = await store.list({ prefix, cursor: query.get("cursor") || undefined, limit });
  return answer(page.keys, { count: page.keys.length, cursor: page.cursor ?? "" });
}

function view({ id, title }: NamespaceConfig): object {
  return { id, title, supports_url_encoding: true };
}

function bounded(query: URLSearchParams, name: string, fallback: number, max: number): number {
  const number = integerOf(query, name) ?? fallback;
  if (number >= 1 && number <= max) return number;
  throw invalid(`Invalid ${name}. It must be an integer from 1 to ${max}.`);
}

function readOnly(): Refusal {
  return methodNotAllowed(
    ["GET"],
    "The gateway does not create, rename or delete namespaces: the stack of the environment does.",
  );
}
