import type { Hono } from "hono";

import { KV_LIMITS } from "../../src/core/limits.ts";
import { requires } from "./authentication.ts";
import { readBytes } from "./body.ts";
import type { Cloud, EmulatorContext, EmulatorEnv } from "./context.ts";
import { answer, ApiError, CODES } from "./envelope.ts";
import type { KvEntry } from "./key-space.ts";
import { assertKeyName, assertMetadataSize, assertValueSize, expirationOf } from "./kv-rules.ts";
import { multipartParts } from "./multipart.ts";
import { NAMESPACE, namespaceOf } from "./namespaces.ts";
import { PERMISSIONS } from "./permission-groups.ts";
import { keyFromPath } from "./raw-path.ts";

/** Room for boundaries and headers around a value and its metadata. */
const MULTIPART_OVERHEAD_BYTES = 64 * 1024;

/** Values and metadata: https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/values/ */
export function valueRoutes(app: Hono<EmulatorEnv>, cloud: Cloud): void {
  const mayRead = requires(cloud, PERMISSIONS.kvRead);
  const mayWrite = requires(cloud, PERMISSIONS.kvWrite);

  // The second form is an empty key: refused as a key, not as a path.
  for (const path of [`${NAMESPACE}/values/:key`, `${NAMESPACE}/values/`]) {
    app.get(path, mayRead, (c) => {
      const { value, expiration } = existingEntry(cloud, c);
      if (expiration !== undefined) c.header("expiration", String(expiration));
      return c.body(new Uint8Array(value), 200, { "content-type": "application/octet-stream" });
    });
    app.put(path, mayWrite, (c) => putValue(cloud, c));
    app.delete(path, mayWrite, (c) => {
      const namespace = namespaceOf(cloud, c, "remove key");
      namespace.keys.delete(validKey(c));
      return answer(c, null);
    });
  }
  for (const path of [`${NAMESPACE}/metadata/:key`, `${NAMESPACE}/metadata/`]) {
    app.get(path, mayRead, (c) => answer(c, existingEntry(cloud, c).metadata ?? null));
  }
}

async function putValue(cloud: Cloud, c: EmulatorContext): Promise<Response> {
  namespaceOf(cloud, c, "put");
  const key = validKey(c);
  const expiration = expirationOf(
    { expiration: seconds(c, "expiration"), expirationTtl: seconds(c, "expiration_ttl") },
    cloud.clock.now(),
  );
  const content = await readContent(c);
  // Looked up again: the namespace may have gone while the body arrived.
  namespaceOf(cloud, c, "put").keys.put(key, { ...content, expiration });
  return answer(c, null);
}

async function readContent(c: EmulatorContext): Promise<{ value: Uint8Array; metadata: unknown }> {
  const contentType = c.req.header("content-type") ?? "";
  if (!contentType.toLowerCase().startsWith("multipart/form-data")) {
    const maxBytes = KV_LIMITS.MAX_VALUE_BYTES;
    return { value: await readBytes(c.req.raw, { maxBytes, code: CODES.KV_INVALID }), metadata: undefined };
  }
  const maxBytes = KV_LIMITS.MAX_VALUE_BYTES + KV_LIMITS.MAX_METADATA_BYTES + MULTIPART_OVERHEAD_BYTES;
  const parts = await multipartParts(contentType, await readBytes(c.req.raw, { maxBytes, code: CODES.KV_INVALID }));
  const value = parts?.get("value");
  if (value === undefined) throw invalid("The multipart body has no part named 'value'.");
  assertValueSize(value.byteLength);
  return { value, metadata: metadataOf(parts?.get("metadata")) };
}

function metadataOf(part: Uint8Array | undefined): unknown {
  if (part === undefined) return undefined;
  const text = new TextDecoder().decode(part);
  assertMetadataSize(text);
  try {
    return (JSON.parse(text) as unknown) ?? undefined;
  } catch {
    throw invalid("The metadata is not valid JSON.");
  }
}

function existingEntry(cloud: Cloud, c: EmulatorContext): KvEntry {
  const entry = namespaceOf(cloud, c, "get").keys.get(validKey(c));
  if (entry === undefined) throw new ApiError(404, { code: CODES.KEY_NOT_FOUND, message: "get: 'key not found'" });
  return entry;
}

function validKey(c: EmulatorContext): string {
  const key = keyFromPath(c);
  assertKeyName(key);
  return key;
}

function seconds(c: EmulatorContext, name: string): number | undefined {
  const text = c.req.query(name);
  if (text === undefined) return undefined;
  return /^\d+(?:\.0*)?$/.test(text) ? Number(text) : Number.NaN;
}

function invalid(message: string): ApiError {
  return new ApiError(400, { code: CODES.KV_INVALID, message });
}
