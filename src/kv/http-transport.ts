import { fromBase64, toBase64 } from "../core/base64.ts";
import { KV_LIMITS } from "../core/limits.ts";
import { secondsOf } from "./expiry.ts";
import type { HttpEndpoint } from "./http-endpoint.ts";
import { type JsonRecord, parsedOr, recordOf } from "./json-record.ts";
import { KvError } from "./kv-error.ts";
import type {
  AtomicOperation,
  AtomicResult,
  BulkOutcome,
  Call,
  ListPage,
  StoredExpiry,
  StoredPair,
  StoredText,
  Transport,
  WritePair,
} from "./transport.ts";
import type { World } from "./world.ts";

export interface HttpTransportOptions {
  readonly endpoint: HttpEndpoint;
  readonly accountId: string;
  readonly namespaceId: string;
  readonly world: World;
}

/** What a gateway takes or refuses as a whole: docs/gateway.md. */
const MAX_BULK_BYTES = 8 * 1024 * 1024;
/** As wrangler: more at once would keep a gateway busy for long. */
const MAX_BULK_PAIRS = 1000;
const BULK_TRIES = 3;
const BULK_PAUSE_MS = 100;
const NOT_KV = "What answered is not KV: its answer cannot be read.";
const encoder = new TextEncoder();

/**
 * A namespace over Cloudflare's KV REST API, as a gateway or Cloudflare itself speaks it.
 * https://developers.cloudflare.com/api/resources/kv/
 */
export class HttpTransport implements Transport {
  readonly #endpoint: HttpEndpoint;
  readonly #world: World;
  readonly #base: string;
  readonly #atomic: string;

  constructor({ endpoint, accountId, namespaceId, world }: HttpTransportOptions) {
    this.#endpoint = endpoint;
    this.#world = world;
    this.#base = `/accounts/${encodeURIComponent(accountId)}/storage/kv/namespaces/${encodeURIComponent(namespaceId)}`;
    this.#atomic = `/kvshift/v1/namespaces/${encodeURIComponent(namespaceId)}/atomic`;
  }

  async get(
    key: string,
    { isText = false, ...call }: Call & { readonly isText?: boolean },
  ): Promise<StoredPair | undefined> {
    const { isRest } = this.#endpoint;
    if (isRest && isText) return this.#textOverRest(key, call);
    const path = `${this.#base}/values/${encodeURIComponent(key)}`;
    const pair = await this.#endpoint.send({ operation: "get", method: "GET", path }, [200, 404], call, pairIn);
    if (!isRest || pair === undefined) return pair;
    const found = await this.#metadata(key, call);
    // Gone between the two calls: what its value was made of is nobody's value.
    return found === undefined ? undefined : { ...pair, ...found };
  }

  async getTexts(keys: readonly string[], call: Call): Promise<ReadonlyMap<string, StoredText>> {
    const body = JSON.stringify({ keys, type: "text", withMetadata: true });
    const { values } = await this.#json(
      { operation: "get-many", method: "POST", path: `${this.#base}/bulk/get`, body },
      call,
    );
    if (typeof values !== "object" || values === null) throw unreadable();
    const found = new Map<string, StoredText>();
    for (const [key, entry] of Object.entries(recordOf(values))) {
      const { value, metadata } = recordOf(entry);
      if (typeof value === "string") found.set(key, { text: value, metadata: metadata ?? undefined });
    }
    return found;
  }

  async put({ key, bytes, metadata, expiry }: WritePair, call: Call): Promise<void> {
    const path = `${this.#base}/values/${encodeURIComponent(key)}${queryOf(expiry)}`;
    const { body, contentType } = multipart(bytes, metadata, this.#world.uniqueId());
    await this.#endpoint.send({ operation: "put", method: "PUT", path, body, contentType }, [200], call, drained);
  }

  async putMany(pairs: readonly WritePair[], call: Call): Promise<BulkOutcome> {
    const items = pairs.map(({ key, bytes, metadata, expiry }) => {
      const pair = { key, value: toBase64(bytes), base64: true, ...(metadata === undefined ? {} : { metadata }) };
      return { key, text: JSON.stringify({ ...pair, ...expiryFields(expiry) }) };
    });
    return this.#bulk("put-many", items, call);
  }

  async delete(key: string, call: Call): Promise<void> {
    const path = `${this.#base}/values/${encodeURIComponent(key)}`;
    await this.#endpoint.send({ operation: "delete", method: "DELETE", path }, [200], call, drained);
  }

  async deleteMany(keys: readonly string[], call: Call): Promise<BulkOutcome> {
    const items = keys.map((key) => ({ key, text: JSON.stringify(key) }));
    return this.#bulk("delete-many", items, call);
  }

  async list(
    { prefix, cursor, limit = KV_LIMITS.MAX_LIST_KEYS }: Parameters<Transport["list"]>[0],
    call: Call,
  ): Promise<ListPage> {
    const query = new URLSearchParams({ limit: String(Math.max(limit, KV_LIMITS.MIN_LIST_KEYS)) });
    if (prefix !== undefined) query.set("prefix", prefix);
    if (cursor !== undefined) query.set("cursor", cursor);
    const path = `${this.#base}/keys?${String(query)}`;
    const answer = await this.#endpoint.send({ operation: "list", method: "GET", path }, [200], call, jsonBody);
    const { result, result_info: info } = recordOf(answer);
    const next = recordOf(info)["cursor"];
    if (!Array.isArray(result) || next === cursor) throw unreadable();
    const keys = result.map((entry) => {
      const { name, expiration, metadata } = recordOf(entry);
      const expiresAt = typeof expiration === "number" ? expiration * 1000 : undefined;
      return { key: String(name), metadata: metadata ?? undefined, expiresAt };
    });
    return { keys, cursor: typeof next === "string" && next !== "" ? next : undefined };
  }

  async atomic(operation: AtomicOperation, call: Call): Promise<AtomicResult> {
    const { key } = operation;
    // The same in every repeat of the call: nothing happens twice.
    const common = { operation: operation.operation, operation_id: this.#world.uniqueId(), key };
    const body = JSON.stringify({ ...common, ...fieldsOf(operation) });
    const answer = await this.#json({ operation: operation.operation, method: "POST", path: this.#atomic, body }, call);
    const { applied, version, value, metadata } = answer;
    if (typeof applied !== "boolean") throw unreadable();
    return {
      applied,
      version: typeof version === "string" ? version : undefined,
      bytes: bytesIn(operation, value),
      metadata,
    };
  }

  /** One call for value and metadata, where Cloudflare counts every call: https://developers.cloudflare.com/fundamentals/api/reference/limits/ */
  async #textOverRest(key: string, call: Call): Promise<StoredPair | undefined> {
    try {
      const { text, metadata } = (await this.getTexts([key], call)).get(key) ?? {};
      return text === undefined ? undefined : { bytes: encoder.encode(text), metadata };
    } catch (error) {
      // Another client may have written what is no text.
      if (!(error instanceof KvError) || error.code !== "REFUSED") throw error;
      return this.get(key, call);
    }
  }

  async #metadata(key: string, call: Call): Promise<Pick<StoredPair, "metadata"> | undefined> {
    const path = `${this.#base}/metadata/${encodeURIComponent(key)}`;
    return this.#endpoint.send(
      { operation: "get-metadata", method: "GET", path },
      [200, 404],
      call,
      async (response) => {
        const answer = await jsonBody(response);
        return response.status === 404 ? undefined : { metadata: recordOf(answer)["result"] ?? undefined };
      },
    );
  }

  async #bulk(operation: "put-many" | "delete-many", items: readonly BulkItem[], call: Call): Promise<BulkOutcome> {
    const failed: string[] = [];
    const batches = [...batchesOf(items)];
    for (const [index, batch] of batches.entries()) {
      const { left, cause } = await this.#batch(operation, batch, call);
      failed.push(...left);
      if (cause === undefined) continue;
      // Nothing of the whole call is done.
      if (index === 0 && left.length === batch.length) throw cause;
      // What came before it is done: only who knows the keys can go on from there.
      const rest = batches.slice(index + 1).flat();
      return { failed: [...failed, ...rest.map(({ key }) => key)], cause };
    }
    return { failed };
  }

  /** The keys that were refused to the end, or were left when `cause` ended it. */
  async #batch(
    operation: "put-many" | "delete-many",
    batch: readonly BulkItem[],
    call: Call,
  ): Promise<{ readonly left: string[]; readonly cause?: KvError }> {
    const [method, path] = operation === "put-many" ? (["PUT", "bulk"] as const) : (["POST", "bulk/delete"] as const);
    const request = { operation, method, path: `${this.#base}/${path}`, contentType: "application/json" } as const;
    let left = batch;
    try {
      for (let attempt = 0; ; attempt += 1) {
        const body = `[${left.map(({ text }) => text).join(",")}]`;
        const again = await this.#endpoint.send({ ...request, body }, [200, 503], call, keysLeft);
        left = left.filter(({ key }) => again.has(key));
        if (left.length === 0 || attempt + 1 >= BULK_TRIES) break;
        await this.#world.sleep(BULK_PAUSE_MS * 2 ** attempt, call.signal);
      }
    } catch (error) {
      if (!(error instanceof KvError)) throw error;
      return { left: left.map(({ key }) => key), cause: error };
    }
    return { left: left.map(({ key }) => key) };
  }

  /** The `result` of an answer. */
  async #json(
    request: {
      readonly operation: string;
      readonly method: "PUT" | "POST";
      readonly path: string;
      readonly body: string;
    },
    call: Call,
  ): Promise<JsonRecord> {
    const answer = await this.#endpoint.send({ ...request, contentType: "application/json" }, [200], call, jsonBody);
    return recordOf(recordOf(answer)["result"]);
  }
}

function fieldsOf(operation: AtomicOperation): JsonRecord {
  switch (operation.operation) {
    case "put-if-absent":
    case "put-if-unchanged": {
      const { bytes, metadata, expiry } = operation;
      const version = operation.operation === "put-if-unchanged" ? { version: operation.version } : {};
      const pair = { value: toBase64(bytes), base64: true, ...(metadata === undefined ? {} : { metadata }) };
      return { ...pair, ...expiryFields(expiry), ...version };
    }
    case "increment":
      return {
        by: operation.by,
        ...(operation.ttlSeconds === undefined ? {} : { expiration_ttl: operation.ttlSeconds }),
      };
    case "touch":
      return expiryFields(operation.expiry);
    case "get-and-delete":
    default:
      return {};
  }
}

function bytesIn({ operation }: AtomicOperation, value: unknown): Uint8Array | undefined {
  if (typeof value === "number") return encoder.encode(String(value));
  if (typeof value !== "string") return undefined;
  return operation === "get-and-delete" ? fromBase64(value) : encoder.encode(value);
}

function expiryFields(expiry: StoredExpiry): { readonly expiration_ttl?: number; readonly expiration?: number } {
  const seconds = secondsOf(expiry);
  if (seconds === undefined) return {};
  return "ttl" in seconds ? { expiration_ttl: seconds.ttl } : { expiration: seconds.at };
}

function queryOf(expiry: StoredExpiry): string {
  const [field] = Object.entries(expiryFields(expiry));
  return field === undefined ? "" : `?${field[0]}=${String(field[1])}`;
}

/** https://www.rfc-editor.org/rfc/rfc7578; `boundary` is unguessable, so that no value holds it. */
function multipart(bytes: Uint8Array, metadata: unknown, boundary: string) {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="value"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const part =
    metadata === undefined
      ? ""
      : `\r\n--${boundary}\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n${JSON.stringify(metadata)}`;
  const [before, after] = [encoder.encode(head), encoder.encode(`${part}\r\n--${boundary}--\r\n`)];
  const body = new Uint8Array(before.length + bytes.length + after.length);
  body.set(before);
  body.set(bytes, before.length);
  body.set(after, before.length + bytes.length);
  return { body, contentType: `multipart/form-data; boundary=${boundary}` };
}

interface BulkItem {
  readonly key: string;
  readonly text: string;
}

function* batchesOf(items: readonly BulkItem[]): Generator<BulkItem[]> {
  let batch: BulkItem[] = [];
  let size = 0;
  for (const item of items) {
    if (batch.length >= MAX_BULK_PAIRS || (batch.length > 0 && size + item.text.length > MAX_BULK_BYTES)) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(item);
    size += item.text.length + 1;
  }
  if (batch.length > 0) yield batch;
}

/** A missing key and a missing namespace are both answered 404: https://developers.cloudflare.com/api/resources/kv/ */
const KEY_NOT_FOUND = 10009;

async function pairIn(response: Response): Promise<StoredPair | undefined> {
  if (response.status === 404) {
    await requireKnownNamespace(response);
    return undefined;
  }
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    metadata: parsedOr(response.headers.get("kvshift-metadata") ?? "", undefined),
    version: response.headers.get("kvshift-version") ?? undefined,
  };
}

function unreadable(): KvError {
  return new KvError("UNAVAILABLE", "What KV answered cannot be read.");
}

async function requireKnownNamespace(response: Response): Promise<void> {
  const { errors } = recordOf(await jsonBody(response));
  const codes = (Array.isArray(errors) ? errors : []).map((error) => recordOf(error)["code"]);
  if (codes.includes(KEY_NOT_FOUND)) return;
  throw new KvError("UNKNOWN_NAMESPACE", "KV knows no such namespace, or the credential does not reach it.", {
    status: 404,
  });
}

/** The keys that a bulk did not change. A gateway says them with a 503: nobody looks for them in a success. */
async function keysLeft(response: Response): Promise<ReadonlySet<unknown>> {
  const body = parsedOr(await response.text(), undefined);
  const { unsuccessful_keys: keys } = recordOf(recordOf(body)["result"]);
  const isDone = response.status === 200 && recordOf(body)["success"] === true;
  // Nothing left, and nothing done: that is no answer.
  if (Array.isArray(keys) && (isDone || keys.length > 0)) return new Set(keys);
  if (isDone) return new Set();
  const { status } = response;
  throw new KvError("UNAVAILABLE", status === 200 ? NOT_KV : `KV failed with status ${String(status)}.`, { status });
}

async function drained(response: Response): Promise<void> {
  await jsonBody(response);
}

/** Something between here and KV may answer 200 with a page of its own. */
async function jsonBody(response: Response): Promise<unknown> {
  const body = parsedOr(await response.text(), undefined);
  if (recordOf(body)["success"] === true || response.status === 404) return body;
  throw new KvError("UNAVAILABLE", NOT_KV, { status: response.status });
}
