import { nestsDeeper } from "../../core/json-depth.ts";
import { isJsonObject } from "../../core/json-object.ts";
import { KV_LIMITS } from "../../core/limits.ts";
import { fromBase64 } from "../../core/base64.ts";
import { chunksOf, parseJson, readBytes } from "../body.ts";
import { answer, incomplete, invalid, methodNotAllowed, Refusal } from "../envelope.ts";
import { elementsOf } from "../json-array.ts";
import { assertKey, assertValueSize, expiryOf, metadataText, optionalNumber } from "../rules.ts";
import type { NamespaceStore, Pair, TextEntry } from "../store.ts";
import type { NamespaceCall } from "./call.ts";

/** Of the pairs that are in memory at once. What fits into one batch is refused or written as a whole. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** The text of a pair: a value of 25 MiB as base64, its key, its metadata, and room for escapes. */
const MAX_PAIR_BYTES = 36 * 1024 * 1024;
const MAX_SHOWN_KEY = 100;
const MAX_GET_BODY_BYTES = 1024 * 1024;
const encoder = new TextEncoder();

/** https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/bulk_update/ */
export async function handleBulk(call: NamespaceCall): Promise<Response> {
  if (call.request.method === "DELETE") return handleBulkDelete(call);
  if (call.request.method !== "PUT") throw methodNotAllowed(["PUT", "DELETE"]);
  const { store, clock, bulkWrites } = call;
  return inBatches(call, {
    maxElements: KV_LIMITS.MAX_BULK_WRITE_PAIRS,
    itemOf: (element) => pairOf(element, store, clock.now()),
    keyOf: ({ key }) => key,
    call: (pairs: readonly Pair[]) => bulkWrites.put(pairs),
  });
}

/** https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/bulk_delete/ */
export async function handleBulkDelete(call: NamespaceCall): Promise<Response> {
  if (call.request.method !== "POST" && call.request.method !== "DELETE") throw methodNotAllowed(["POST"]);
  return inBatches(call, {
    maxElements: KV_LIMITS.MAX_BULK_DELETE_KEYS,
    itemOf: (element) => {
      if (typeof element !== "string") throw invalid("A key is no string.");
      assertKey(element);
      return element;
    },
    keyOf: (key) => key,
    call: (keys: readonly string[]) => call.bulkWrites.delete(keys),
  });
}

/** https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/bulk_get/ */
export async function handleBulkGet({ request, store }: NamespaceCall): Promise<Response> {
  if (request.method !== "POST") throw methodNotAllowed(["POST"]);
  const body = parseJson(await readBytes(request, MAX_GET_BODY_BYTES));
  const { keys, type = "text", withMetadata = false } = isJsonObject(body) ? body : {};
  if (!isListOfStrings(keys) || keys.length > KV_LIMITS.MAX_BULK_GET_KEYS) {
    throw invalid(`keys has to be a list of at most ${KV_LIMITS.MAX_BULK_GET_KEYS} strings.`);
  }
  if (type !== "text" && type !== "json") throw invalid("type has to be text or json.");
  if (typeof withMetadata !== "boolean") throw invalid("withMetadata has to be true or false.");
  for (const key of keys) assertKey(key);
  const entries = keys.length === 0 ? new Map<string, TextEntry>() : await store.getMany([...new Set(keys)]);
  assertTotal(entries);
  const values = keys.map((key) => [key, shown(entries.get(key), type, withMetadata)] as const);
  return answer({ values: Object.fromEntries(values) });
}

interface BatchKind<Item> {
  readonly maxElements: number;
  readonly itemOf: (element: unknown) => Item;
  readonly keyOf: (item: Item) => string;
  /** Returns the keys that did not succeed. */
  readonly call: (items: readonly Item[]) => Promise<string[]>;
}

async function inBatches<Item>(call: NamespaceCall, { maxElements, itemOf, keyOf, call: run }: BatchKind<Item>) {
  const failed: string[] = [];
  // Of several items with one key the last counts: the calls for one batch run side by side.
  const batch = new Map<string, Item>();
  let [bytes, seen] = [0, 0];
  const flush = async () => {
    if (batch.size > 0) failed.push(...(await run([...batch.values()])));
    batch.clear();
    bytes = 0;
  };
  const limits = { maxBytes: KV_LIMITS.MAX_BULK_BODY_BYTES, maxElements, maxElementBytes: MAX_PAIR_BYTES };
  for await (const element of elementsOf(chunksOf(call.request), limits)) {
    if (bytes + element.bytes > BATCH_BYTES) await flush();
    const item = named(element.value, seen, itemOf);
    batch.set(keyOf(item), item);
    seen += 1;
    bytes += element.bytes;
  }
  await flush();
  const result = { successful_key_count: seen - failed.length, unsuccessful_keys: failed };
  // No success: hardly any client reads the keys of a partial one. They stand there for those that do.
  return failed.length === 0 ? answer(result) : incomplete(result, `${failed.length} of ${seen} keys failed.`);
}

/** An item, or a refusal that says which one it is, in the answer alone: by its place, and by its key as far as it has one. */
function named<Item>(element: unknown, index: number, itemOf: (element: unknown) => Item): Item {
  try {
    return itemOf(element);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const key = isJsonObject(element) ? element["key"] : element;
    const shownKey = typeof key === "string" ? `, ${JSON.stringify(key.slice(0, MAX_SHOWN_KEY))}` : "";
    throw new Refusal(error.status, error.code, `Item ${index}${shownKey}: ${error.message}`);
  }
}

function pairOf(element: unknown, store: NamespaceStore, now: number): Pair {
  if (!isJsonObject(element)) throw invalid("A pair is no object.");
  const { key, value, base64 = false, expiration, expiration_ttl: expirationTtl, metadata } = element;
  if (typeof key !== "string" || typeof value !== "string")
    throw invalid("key and value of a pair have to be strings.");
  if (typeof base64 !== "boolean") throw invalid("base64 has to be true or false.");
  assertKey(key);
  const bytes = base64 ? fromBase64(value) : encoder.encode(value);
  if (bytes === undefined) throw invalid("A value is not valid base64.");
  assertValueSize(bytes.byteLength);
  if (metadata !== undefined && metadata !== null) metadataText(metadata);
  const wanted = { expiration: optionalNumber(expiration), expirationTtl: optionalNumber(expirationTtl) };
  return { key, value: bytes, metadata: metadata ?? undefined, expiry: expiryOf(wanted, store, now) };
}

function shown(entry: TextEntry | undefined, type: "text" | "json", withMetadata: boolean): unknown {
  if (entry === undefined) return null;
  const value = type === "text" ? entry.text : parsedValue(entry.text);
  if (!withMetadata) return value;
  const { metadata = null, expiration } = entry;
  return { value, metadata, ...(expiration === undefined ? {} : { expiration }) };
}

function parsedValue(text: string): unknown {
  if (nestsDeeper(encoder.encode(text))) throw invalid("A value nests too deeply to be answered as JSON.");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid("A value is not valid JSON.");
  }
}

function assertTotal(entries: ReadonlyMap<string, TextEntry>): void {
  const texts = [...entries.values()].map(({ text }) => text);
  // No character takes more than three bytes a UTF-16 unit: most answers need no encoding.
  if (texts.reduce((sum, text) => sum + text.length * 3, 0) <= KV_LIMITS.MAX_VALUE_BYTES) return;
  let total = 0;
  for (const text of texts) {
    total += encoder.encode(text).byteLength;
    if (total > KV_LIMITS.MAX_VALUE_BYTES) {
      throw invalid(`Total size of values exceeds ${KV_LIMITS.MAX_VALUE_BYTES} bytes.`, 413);
    }
  }
}

function isListOfStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
