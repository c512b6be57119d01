// Runs inside workerd, as the KV binding of a Worker: its pairs are those that the emulator's REST API serves. The rules
// of the runtime hold here, those that need the time or the pairs hold there.
// https://developers.cloudflare.com/kv/api/
import {
  assertKey,
  cacheTtlMs,
  checkedKeys,
  checkedPrefix,
  failure,
  listLimit,
  serialisedMetadata,
} from "../kv/binding-rules.ts";
import {
  type BulkAnswer,
  CALL_HEADER,
  type KvCalls,
  type KvOperation,
  METADATA_HEADER,
  MISSING_STATUS,
  REFUSED_STATUS,
} from "./kv-protocol.ts";

interface Env {
  /** The emulator. */
  readonly store: { fetch(url: string, init: RequestInit & { duplex?: "half" }): Promise<Response> };
  readonly namespaceId: string;
}

type Type = "text" | "json" | "arrayBuffer" | "stream";
type Reading = Type | { readonly type?: Type; readonly cacheTtl?: number } | undefined;
type Value = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | ReadableStream;
interface WithMetadata {
  readonly value: unknown;
  readonly metadata: unknown;
  readonly cacheStatus: null;
}

class Namespace {
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
  }

  async get(asked: string | readonly string[], reading?: Reading): Promise<unknown> {
    if (typeof asked === "string") return (await this.#read(asked, reading)).value;
    const found = await this.#readMany(asked, reading);
    return new Map([...found].map(([key, entry]) => [key, entry?.value ?? null]));
  }

  async getWithMetadata(asked: string | readonly string[], reading?: Reading): Promise<unknown> {
    return typeof asked === "string" ? this.#read(asked, reading) : this.#readMany(asked, reading);
  }

  async put(
    key: string,
    value: Value,
    options: { readonly expiration?: number; readonly expirationTtl?: number; readonly metadata?: unknown } = {},
  ): Promise<void> {
    assertKey("PUT", key);
    if (!isValue(value)) {
      throw new TypeError(
        "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.",
      );
    }
    const { expiration, expirationTtl } = options;
    const call: KvCalls["put"] = { key, expiration, expirationTtl, metadata: serialisedMetadata(options.metadata) };
    await this.#send("put", {
      headers: { [CALL_HEADER]: encodeURIComponent(JSON.stringify(call)) },
      body: value,
      ...(value instanceof ReadableStream ? { duplex: "half" as const } : {}),
    });
  }

  async delete(key: string): Promise<void> {
    assertKey("DELETE", key);
    await this.#call("delete", { key });
  }

  async list(
    options: { readonly prefix?: string | null; readonly limit?: number; readonly cursor?: string | null } = {},
  ) {
    const { prefix, limit, cursor } = options;
    const answer = await this.#call("list", {
      prefix: checkedPrefix(prefix ?? undefined),
      limit: listLimit(limit),
      cursor: cursor ?? undefined,
    });
    const page: object = await answer.json();
    return { ...page, cacheStatus: null };
  }

  async #read(key: string, reading: Reading): Promise<WithMetadata> {
    assertKey("GET", key);
    const { type, cacheTtl } = readingOf(reading);
    cacheTtlMs("GET", cacheTtl);
    const answer = await this.#call("get", { key });
    if (answer.status === MISSING_STATUS) {
      await answer.body?.cancel();
      return { value: null, metadata: null, cacheStatus: null };
    }
    const metadata: unknown = JSON.parse(decodeURIComponent(answer.headers.get(METADATA_HEADER) ?? "null"));
    return { value: await contentOf(answer, type), metadata, cacheStatus: null };
  }

  async #readMany(asked: readonly string[], reading: Reading) {
    const keys = checkedKeys(asked);
    const { type, cacheTtl } = readingOf(reading);
    cacheTtlMs("GET_BULK", cacheTtl);
    if (type !== "text" && type !== "json") {
      throw failure("GET_BULK", 400, `"${type}" is not a valid type. Use "json" or "text"`);
    }
    const answer = await this.#call("get-bulk", { keys });
    const entries: BulkAnswer = await answer.json();
    return new Map(keys.map((key, index) => [key, entryOf(entries[index] ?? null, type)]));
  }

  async #call<Operation extends Exclude<KvOperation, "put">>(operation: Operation, call: KvCalls[Operation]) {
    return this.#send(operation, { body: JSON.stringify(call) });
  }

  async #send(operation: KvOperation, init: RequestInit & { duplex?: "half" }): Promise<Response> {
    const { store, namespaceId } = this.#env;
    const answer = await store.fetch(`http://kv/${namespaceId}/${operation}`, { method: "POST", ...init });
    if (answer.status === REFUSED_STATUS) throw new Error(await answer.text());
    return answer;
  }
}

/** What Miniflare puts into the environment of the Worker. */
export default function bind(env: Env): Namespace {
  return new Namespace(env);
}

function readingOf(reading: Reading): { readonly type: Type; readonly cacheTtl: number | undefined } {
  const { type = "text", cacheTtl } = typeof reading === "string" ? { type: reading } : (reading ?? {});
  if (["text", "json", "arrayBuffer", "stream"].includes(type)) return { type, cacheTtl };
  throw new TypeError('Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
}

function isValue(value: unknown): value is Value {
  return (
    typeof value === "string" ||
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value) ||
    value instanceof ReadableStream
  );
}

async function contentOf(answer: Response, type: Type): Promise<unknown> {
  if (type === "text") return answer.text();
  if (type === "json") return answer.json();
  return type === "arrayBuffer" ? answer.arrayBuffer() : answer.body;
}

function entryOf(entry: BulkAnswer[number], type: "text" | "json"): { value: unknown; metadata: unknown } | null {
  if (entry === null || type === "text") return entry;
  try {
    return { value: JSON.parse(entry.value) as unknown, metadata: entry.metadata };
  } catch {
    throw failure("GET_BULK", 400, "At least one of the requested keys corresponds to a non-json value");
  }
}
