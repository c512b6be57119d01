import type { Clock } from "../../src/core/clock.ts";
import type { KeySpace, KvEntry } from "../cloudflare/key-space.ts";
import { assertBulkSize, expirationOf, failure, type Operation } from "../kv/binding-rules.ts";
import type { Content } from "../kv/content.ts";
import { cursorAfter, nameBefore } from "../kv/cursor.ts";
import { listedKey, readWhole, textEntry } from "../kv/values.ts";
import {
  type BulkAnswer,
  CALL_HEADER,
  type KvCalls,
  METADATA_HEADER,
  MISSING_STATUS,
  REFUSED_STATUS,
} from "./kv-protocol.ts";

interface KvServiceOptions {
  readonly clock: Clock;
  readonly keysOf: (namespaceId: string) => KeySpace | undefined;
}

/** Answers what the KV bindings of one Worker ask for, from the namespaces of the emulated account. */
export function createKvService(options: KvServiceOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    const [, namespaceId = "", operation = ""] = new URL(request.url).pathname.split("/");
    try {
      const keys = options.keysOf(namespaceId);
      // Deleted since the version was uploaded.
      if (keys === undefined) throw failure(NAMES.get(operation) ?? "GET", 404, "namespace not found");
      return await answer(operation, request, keys, options.clock);
    } catch (error) {
      if (error instanceof Error) return new Response(error.message, { status: REFUSED_STATUS });
      throw error;
    }
  };
}

const NAMES = new Map<string, Operation>([
  ["get-bulk", "GET_BULK"],
  ["put", "PUT"],
  ["delete", "DELETE"],
]);

async function answer(operation: string, request: Request, keys: KeySpace, clock: Clock): Promise<Response> {
  switch (operation) {
    case "get":
      return valueOf(keys, await callOf<"get">(request));
    case "get-bulk":
      return Response.json(valuesOf(keys, await callOf<"get-bulk">(request)));
    case "put":
      await put(keys, request, clock);
      return new Response(null, { status: 204 });
    case "delete":
      keys.delete((await callOf<"delete">(request)).key);
      return new Response(null, { status: 204 });
    case "list":
      return Response.json(pageOf(keys, await callOf<"list">(request)));
    default:
      throw new Error(`The emulated KV knows no operation "${operation}".`);
  }
}

/** The binding of the same checkout sent it. */
async function callOf<Name extends keyof KvCalls>(request: Request): Promise<KvCalls[Name]> {
  const call: KvCalls[Name] = await request.json();
  return call;
}

function valueOf(keys: KeySpace, { key }: KvCalls["get"]): Response {
  const entry = keys.get(key);
  if (entry === undefined) return new Response(null, { status: MISSING_STATUS });
  const headers = new Headers({ "content-type": "application/octet-stream" });
  if (entry.metadata !== undefined) headers.set(METADATA_HEADER, encodeURIComponent(JSON.stringify(entry.metadata)));
  return new Response(new Uint8Array(entry.value), { headers });
}

function valuesOf(keys: KeySpace, { keys: names }: KvCalls["get-bulk"]): BulkAnswer {
  const entries = names.map((name) => keys.get(name));
  assertBulkSize(entries.reduce((sum, entry) => sum + (entry?.value.byteLength ?? 0), 0));
  return entries.map((entry) => (entry === undefined ? null : textEntry(contentOf(entry))));
}

async function put(keys: KeySpace, request: Request, clock: Clock): Promise<void> {
  const call: KvCalls["put"] = JSON.parse(decodeURIComponent(request.headers.get(CALL_HEADER) ?? ""));
  const { key, expiration, expirationTtl, metadata } = call;
  const wanted = {
    ...(expiration === undefined ? {} : { expiration }),
    ...(expirationTtl === undefined ? {} : { expirationTtl }),
  };
  // Refused before the value is read, as the runtime does.
  expirationOf(wanted, clock.now());
  const value = request.body === null ? new Uint8Array() : await readWhole(request.body);
  keys.put(key, {
    value,
    expiration: expirationOf(wanted, clock.now()),
    metadata: metadata === undefined ? undefined : (JSON.parse(metadata) as unknown),
  });
}

function pageOf(keys: KeySpace, { prefix, limit, cursor }: KvCalls["list"]): object {
  const { items, isComplete } = keys.list({ prefix, limit, after: nameBefore(cursor) });
  const listed = items.map(({ name, entry }) => listedKey(name, contentOf(entry)));
  const last = listed.at(-1);
  if (isComplete || last === undefined) return { keys: listed, list_complete: true };
  return { keys: listed, list_complete: false, cursor: cursorAfter(last.name) };
}

function contentOf({ value, expiration, metadata }: KvEntry): Content {
  return { value, expiration, metadata: metadata === undefined ? undefined : JSON.stringify(metadata) };
}
