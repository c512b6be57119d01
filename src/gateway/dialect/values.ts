import { KV_LIMITS } from "../../core/limits.ts";
import { parseJson, readBytes } from "../body.ts";
import { answer, invalid, keyNotFound, methodNotAllowed } from "../envelope.ts";
import { parseMultipart } from "../multipart.ts";
import { assertKey, assertMetadataBytes, assertValueSize, expiryOf, metadataText } from "../rules.ts";
import type { Entry } from "../store.ts";
import { type NamespaceCall, secondsOf } from "./call.ts";

/** Room for boundaries and headers around a value and its metadata. */
const MULTIPART_OVERHEAD_BYTES = 64 * 1024;

/** https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/values/ */
export async function handleValue(call: NamespaceCall, rawKey: string): Promise<Response> {
  switch (call.request.method) {
    case "GET":
      return read(await existing(call, rawKey));
    case "PUT":
      return write(call, keyOf(rawKey));
    case "DELETE":
      await call.store.delete(keyOf(rawKey));
      return answer(null);
    default:
      throw methodNotAllowed(["GET", "PUT", "DELETE"]);
  }
}

/** https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/metadata/ */
export async function handleMetadata(call: NamespaceCall, rawKey: string): Promise<Response> {
  if (call.request.method !== "GET") throw methodNotAllowed(["GET"]);
  const entry = await call.store.metadata(keyOf(rawKey));
  if (entry === undefined) throw keyNotFound();
  return answer(entry.metadata ?? null);
}

/** https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/values/methods/get/ */
function read({ value: content, expiration, version, metadata }: Entry): Response {
  const headers = new Headers({ "content-type": "application/octet-stream" });
  if (expiration !== undefined) headers.set("expiration", String(expiration));
  if (version !== undefined) headers.set("kvshift-version", version);
  if (metadata !== undefined) headers.set("kvshift-metadata", asciiJson(metadata));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its type only lacks that no buffer here is shared
  return new Response(content as BodyInit, { headers });
}

/** A header holds ASCII; JSON has escapes for everything else. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\u007f-\uffff]/g, escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

async function write({ request, query, store, clock }: NamespaceCall, key: string): Promise<Response> {
  const wanted = { expiration: secondsOf(query, "expiration"), expirationTtl: secondsOf(query, "expiration_ttl") };
  const expiry = expiryOf(wanted, store, clock.now());
  await store.put({ key, expiry, ...(await readContent(request)) });
  return answer(null);
}

/**
 * Held whole, up to 25 MiB: handed on while it arrives, a value whose connection broke off in the middle would be stored
 * as far as it came, over what was there.
 */
async function readContent(request: Request): Promise<{ value: Uint8Array; metadata: unknown }> {
  const contentType = request.headers.get("content-type") ?? "";
  if (!contentType.toLowerCase().startsWith("multipart/form-data")) {
    return { value: await readBytes(request, KV_LIMITS.MAX_VALUE_BYTES), metadata: undefined };
  }
  const maxBytes = KV_LIMITS.MAX_VALUE_BYTES + KV_LIMITS.MAX_METADATA_BYTES + MULTIPART_OVERHEAD_BYTES;
  const parts = parseMultipart(contentType, await readBytes(request, maxBytes));
  const content = parts?.get("value");
  if (content === undefined) throw invalid("The multipart body has no part named 'value'.");
  assertValueSize(content.byteLength);
  return { value: content, metadata: metadataOf(parts?.get("metadata")) };
}

function metadataOf(part: Uint8Array | undefined): unknown {
  if (part === undefined) return undefined;
  assertMetadataBytes(part.byteLength);
  const parsed = parseJson(part, "The metadata") ?? undefined;
  // Stored is the JSON of what it means: `1e20` becomes 21 digits.
  if (parsed !== undefined) metadataText(parsed);
  return parsed;
}

async function existing({ store }: NamespaceCall, rawKey: string): Promise<Entry> {
  const entry = await store.get(keyOf(rawKey));
  if (entry === undefined) throw keyNotFound();
  return entry;
}

function keyOf(rawKey: string): string {
  const key = decoded(rawKey);
  assertKey(key);
  return key;
}

function decoded(rawKey: string): string {
  try {
    return decodeURIComponent(rawKey);
  } catch {
    throw invalid("The key name is not valid percent-encoded UTF-8.");
  }
}
