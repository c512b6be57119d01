import type { Hono } from "hono";
import { z } from "zod";

import { KV_LIMITS } from "../../src/core/limits.ts";
import { requires } from "./authentication.ts";
import type { Cloud, EmulatorContext, EmulatorEnv } from "./context.ts";
import { answer, ApiError, CODES } from "./envelope.ts";
import { assertKeyLength } from "./kv-rules.ts";
import { NAMESPACE, namespaceOf } from "./namespaces.ts";
import { integerParameter } from "./paging.ts";
import { PERMISSIONS } from "./permission-groups.ts";

const position = z.strictObject({ prefix: z.string(), after: z.string() });

/** Lists of keys: https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/keys/ */
export function keyRoutes(app: Hono<EmulatorEnv>, cloud: Cloud): void {
  app.get(`${NAMESPACE}/keys`, requires(cloud, PERMISSIONS.kvRead), (c) => {
    const namespace = namespaceOf(cloud, c, "list keys");
    const prefix = c.req.query("prefix") ?? "";
    const limit = integerParameter(c, "limit", {
      default: KV_LIMITS.MAX_LIST_KEYS,
      min: KV_LIMITS.MIN_LIST_KEYS,
      max: KV_LIMITS.MAX_LIST_KEYS,
      code: CODES.KV_INVALID,
    });
    assertKeyLength(prefix);
    const { items, isComplete } = namespace.keys.list({ prefix, after: positionOf(c, prefix), limit });
    const last = items.at(-1)?.name;
    const cursor = isComplete || last === undefined ? "" : cursorAfter(prefix, last);
    const keys = items.map(({ name, entry: { expiration, metadata } }) => ({ name, expiration, metadata }));
    return answer(c, keys, { result_info: { count: keys.length, cursor } });
  });
}

function cursorAfter(prefix: string, after: string): string {
  return Buffer.from(JSON.stringify({ prefix, after })).toString("base64url");
}

/** The name that the page begins after. A cursor counts only with the prefix that it was given out for. */
function positionOf(c: EmulatorContext, prefix: string): string | undefined {
  const cursor = c.req.query("cursor");
  if (cursor === undefined || cursor === "") return undefined;
  const parsed = position.safeParse(jsonOf(cursor));
  if (parsed.success && parsed.data.prefix === prefix) return parsed.data.after;
  throw new ApiError(400, { code: CODES.KV_INVALID, message: "Invalid cursor." });
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}
