import type { Hono } from "hono";
import { z } from "zod";

import { KV_LIMITS } from "../../src/core/limits.ts";
import { requires } from "./authentication.ts";
import { BODY_LIMITS, readJson } from "./body.ts";
import type { Cloud, EmulatorContext, EmulatorEnv } from "./context.ts";
import { answer, ApiError, CODES } from "./envelope.ts";
import type { KvEntry } from "./key-space.ts";
import { assertKeyName, assertMetadataSize, assertValueSize, expirationOf } from "./kv-rules.ts";
import { NAMESPACE, namespaceOf } from "./namespaces.ts";
import { PERMISSIONS } from "./permission-groups.ts";

const BODY = { maxBytes: KV_LIMITS.MAX_BULK_BODY_BYTES, code: CODES.KV_INVALID };
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const pair = z.object({
  key: z.string(),
  value: z.string(),
  base64: z.boolean().optional(),
  // Of what may be left out `null` says the same.
  expiration: z.number().nullish(),
  expiration_ttl: z.number().nullish(),
  metadata: z.unknown().optional(),
});
const writing = z.array(pair).max(KV_LIMITS.MAX_BULK_WRITE_PAIRS);
const deletion = z.array(z.string()).max(KV_LIMITS.MAX_BULK_DELETE_KEYS);
const reading = z.object({
  keys: z.array(z.string()).max(KV_LIMITS.MAX_BULK_GET_KEYS),
  type: z.enum(["text", "json"]).default("text"),
  withMetadata: z.boolean().default(false),
});

/**
 * Operations on many pairs. A body with one pair that breaks a rule is refused as a whole.
 * https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/bulk_update/
 */
export function bulkRoutes(app: Hono<EmulatorEnv>, cloud: Cloud): void {
  const mayRead = requires(cloud, PERMISSIONS.kvRead);
  const mayWrite = requires(cloud, PERMISSIONS.kvWrite);

  app.put(`${NAMESPACE}/bulk`, mayWrite, async (c) => {
    namespaceOf(cloud, c, "bulk put");
    const body = await readJson(c, writing, BODY);
    const now = cloud.clock.now();
    const entries = body.map((written) => ({ name: written.key, entry: entryOf(written, now) }));
    const { keys } = namespaceOf(cloud, c, "bulk put");
    for (const { name, entry } of entries) keys.put(name, entry);
    return answer(c, { successful_key_count: entries.length, unsuccessful_keys: [] });
  });
  app.post(`${NAMESPACE}/bulk/delete`, mayWrite, (c) => deleteMany(cloud, c));
  // Deprecated by Cloudflare, still what Wrangler calls.
  app.delete(`${NAMESPACE}/bulk`, mayWrite, (c) => deleteMany(cloud, c));
  app.post(`${NAMESPACE}/bulk/get`, mayRead, (c) => getMany(cloud, c));
}

async function deleteMany(cloud: Cloud, c: EmulatorContext): Promise<Response> {
  namespaceOf(cloud, c, "bulk delete");
  const names = await readJson(c, deletion, BODY);
  for (const name of names) assertKeyName(name);
  const { keys } = namespaceOf(cloud, c, "bulk delete");
  for (const name of names) keys.delete(name);
  return answer(c, { successful_key_count: names.length, unsuccessful_keys: [] });
}

async function getMany(cloud: Cloud, c: EmulatorContext): Promise<Response> {
  const body = await readJson(c, reading, { ...BODY, maxBytes: BODY_LIMITS.OBJECT_BYTES });
  const namespace = namespaceOf(cloud, c, "bulk get");
  for (const name of body.keys) assertKeyName(name);
  let bytes = 0;
  const values = body.keys.map((name): [string, unknown] => {
    const entry = namespace.keys.get(name);
    // What stands for a missing key is not documented; Cloudflare's local explorer answers `null`.
    if (entry === undefined) return [name, null];
    bytes += entry.value.byteLength;
    const value = decoded(entry, body.type);
    if (!body.withMetadata) return [name, value];
    const { expiration, metadata = null } = entry;
    return [name, { value, metadata, expiration }];
  });
  if (bytes > KV_LIMITS.MAX_VALUE_BYTES) {
    throw new ApiError(413, {
      code: CODES.KV_INVALID,
      message: `Total size of values exceeds ${String(KV_LIMITS.MAX_VALUE_BYTES)} bytes.`,
    });
  }
  return answer(c, { values: Object.fromEntries(values) });
}

function entryOf(written: z.output<typeof pair>, now: number): KvEntry {
  assertKeyName(written.key);
  if (written.base64 === true && !BASE64.test(written.value)) throw invalid("A value is not valid base64.");
  const value = Buffer.from(written.value, written.base64 === true ? "base64" : "utf8");
  assertValueSize(value.byteLength);
  const metadata = written.metadata ?? undefined;
  if (metadata !== undefined) assertMetadataSize(JSON.stringify(metadata));
  const wanted = { expiration: written.expiration ?? undefined, expirationTtl: written.expiration_ttl ?? undefined };
  return { value, metadata, expiration: expirationOf(wanted, now) };
}

function decoded({ value }: KvEntry, type: "text" | "json"): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
    return type === "text" ? text : (JSON.parse(text) as unknown);
  } catch {
    throw invalid(`A value is not valid ${type === "text" ? "UTF-8 text" : "JSON"}.`);
  }
}

function invalid(message: string): ApiError {
  return new ApiError(400, { code: CODES.KV_INVALID, message });
}
