import { fromBase64 } from "../core/base64.ts";
import { readObject } from "./body.ts";
import type { NamespaceCall } from "./dialect/call.ts";
import { answer, CODES, invalid, methodNotAllowed, Refusal } from "./envelope.ts";
import { assertKey, assertValueSize, expiryOf, metadataText, optionalNumber } from "./rules.ts";
import type { AtomicFailure, AtomicRequest, Write } from "./strong/protocol.ts";
import { StrongStore } from "./strong/strong-store.ts";

/** A value of 25 MiB as base64, with room for the rest. */
const MAX_BODY_BYTES = 36 * 1024 * 1024;
const OPERATION_ID = /^[A-Za-z0-9_-]{8,64}$/;

const FAILURES: Readonly<Record<AtomicFailure, () => Refusal>> = {
  "not-a-number": () => invalid("The value is no whole number."),
  "out-of-range": () => invalid("The number would leave the range in which whole numbers are exact."),
  "too-large": () => invalid("get-and-delete takes values of up to 1 MiB.", 413),
  "other-request": () => new Refusal(409, CODES.INVALID, "This operation_id was used for another request on this key."),
  "bad-end": () => invalid("The end has to be at least one second in the future, and not too far in it."),
};

type Body = Readonly<Record<string, unknown>>;

/** Atomic operations on one key of a strong namespace: docs/gateway.md. */
export async function handleAtomic(call: NamespaceCall): Promise<Response> {
  if (call.request.method !== "POST") throw methodNotAllowed(["POST"]);
  const { store } = call;
  if (!(store instanceof StrongStore)) {
    throw invalid("This namespace is eventual: Workers KV has no atomic operations. Only a strong one has.");
  }
  const body = await readObject(call.request, MAX_BODY_BYTES);
  const id = body["operation_id"];
  if (typeof id !== "string" || !OPERATION_ID.test(id)) {
    throw invalid("operation_id has to be 8 to 64 letters, digits, dashes and underscores.");
  }
  const result = await store.atomic(requestOf(body), id);
  if ("failure" in result) throw FAILURES[result.failure]();
  const { applied, version = null, expiresAt, value, metadata } = result.answer;
  return answer({
    applied,
    version,
    expiration: expiresAt === undefined ? null : Math.ceil(expiresAt / 1000),
    ...(value === undefined ? {} : { value }),
    ...(metadata === undefined ? {} : { metadata: JSON.parse(metadata) as unknown }),
  });
}

function requestOf(body: Body): AtomicRequest {
  const { operation: kind, key } = body;
  if (typeof key !== "string") throw invalid("key has to be a string.");
  assertKey(key);
  // Its form alone: a repetition may come when the end has passed, and gets its first answer from the object.
  const expiry = expiryOf(
    { expiration: optionalNumber(body["expiration"]), expirationTtl: optionalNumber(body["expiration_ttl"]) },
    { minTtlSeconds: 1 },
    0,
  );
  switch (kind) {
    case "put-if-absent":
      return { kind, ...writeOf(body, key, expiry) };
    case "put-if-unchanged":
      return { kind, ...writeOf(body, key, expiry), version: versionOf(body) };
    case "increment":
      return { kind, key, by: stepOf(body), expiry };
    case "touch":
      return { kind, key, expiry };
    case "get-and-delete":
      return { kind, key };
    default:
      throw invalid("operation has to be put-if-absent, put-if-unchanged, increment, touch or get-and-delete.");
  }
}

function writeOf(body: Body, key: string, expiry: Write["expiry"]): Write {
  const { value, base64 = false, metadata } = body;
  if (typeof value !== "string") throw invalid("value has to be a string.");
  if (typeof base64 !== "boolean") throw invalid("base64 has to be true or false.");
  const bytes = base64 ? fromBase64(value) : new TextEncoder().encode(value);
  if (bytes === undefined) throw invalid("The value is not valid base64.");
  assertValueSize(bytes.byteLength);
  const text = metadata === undefined || metadata === null ? undefined : metadataText(metadata);
  return { key, value: bytes, metadata: text, expiry };
}

function versionOf({ version }: Body): string {
  if (typeof version === "string" && /^[0-9a-f]{16}$/.test(version)) return version;
  throw invalid("version has to be one that the gateway gave out.");
}

function stepOf({ by = 1 }: Body): number {
  if (Number.isSafeInteger(by)) return Number(by);
  throw invalid("by has to be a whole number.");
}
