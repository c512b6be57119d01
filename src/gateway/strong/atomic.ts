import { toBase64 } from "../../core/base64.ts";
import type { Expiry } from "../store.ts";
import type { AtomicAnswer, AtomicFailure, AtomicRequest, AtomicResult, Stored } from "./protocol.ts";

/** Of an entry that `get-and-delete` hands out: it has to fit into the row that remembers the answer. */
const MAX_REMEMBERED_BYTES = 1024 * 1024;

export type Change =
  | {
      readonly kind: "write";
      readonly version: string;
      readonly value: Uint8Array;
      readonly metadata: string | undefined;
      readonly expiresAt: number | undefined;
    }
  | { readonly kind: "extend"; readonly version: string; readonly expiresAt: number | undefined }
  | { readonly kind: "delete"; readonly version: string };

/** What an atomic operation answers, and what it changes. A pure function of the entry as it is. */
export function answerTo(
  request: AtomicRequest,
  current: Stored | undefined,
  endOf: (expiry: Expiry | undefined) => number | undefined,
): { readonly result: AtomicResult; readonly change?: Change } {
  if (request.kind === "put-if-absent") return current === undefined ? write(request, endOf) : refused(current);
  if (request.kind === "put-if-unchanged") {
    return current?.version === request.version ? write(request, endOf) : refused(current);
  }
  if (request.kind === "increment") return increment(request, current, endOf);
  if (current === undefined) return refused(current);
  return request.kind === "touch" ? extend(endOf(request.expiry)) : take(current);
}

function write(
  { value, metadata, expiry }: { value: Uint8Array; metadata: string | undefined; expiry: Expiry | undefined },
  endOf: (expiry: Expiry | undefined) => number | undefined,
) {
  const change = { kind: "write", version: newVersion(), value, metadata, expiresAt: endOf(expiry) } as const;
  return { result: { answer: applied(change) }, change };
}

function extend(expiresAt: number | undefined) {
  const change = { kind: "extend", version: newVersion(), expiresAt } as const;
  return { result: { answer: applied(change) }, change };
}

function increment(
  { by, expiry }: { by: number; expiry: Expiry | undefined },
  current: Stored | undefined,
  endOf: (expiry: Expiry | undefined) => number | undefined,
) {
  const text = current === undefined ? "0" : new TextDecoder("utf-8", { ignoreBOM: true }).decode(current.value);
  if (!/^-?\d{1,16}$/.test(text)) return failed("not-a-number");
  const sum = Number(text) + by;
  if (!Number.isSafeInteger(Number(text)) || !Number.isSafeInteger(sum)) return failed("out-of-range");
  const change = {
    kind: "write",
    version: newVersion(),
    value: new TextEncoder().encode(String(sum)),
    metadata: current?.metadata,
    expiresAt: current === undefined ? endOf(expiry) : current.expiresAt,
  } as const;
  return { result: { answer: { ...applied(change), value: sum } }, change };
}

function take(current: Stored) {
  if (current.value.byteLength > MAX_REMEMBERED_BYTES) return failed("too-large");
  const change = { kind: "delete", version: newVersion() } as const;
  const answer: AtomicAnswer = {
    applied: true,
    version: undefined,
    expiresAt: undefined,
    value: toBase64(current.value),
    metadata: current.metadata,
  };
  return { result: { answer }, change };
}

function refused(current: Stored | undefined) {
  const { version, expiresAt } = current ?? {};
  return { result: { answer: { applied: false, version, expiresAt, value: undefined, metadata: undefined } } };
}

function applied({ version, expiresAt }: { version: string; expiresAt: number | undefined }): AtomicAnswer {
  return { applied: true, version, expiresAt, value: undefined, metadata: undefined };
}

function failed(failure: AtomicFailure) {
  return { result: { failure } };
}

function newVersion(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 16);
}
