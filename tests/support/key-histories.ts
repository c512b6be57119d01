import { fromBase64 } from "../../src/core/base64.ts";
import { credentialOf, namespacePath, STRONG } from "../../testbed/gateway-fixture.ts";
import type { AtomicAnswer, KeyOperation } from "./key-model.ts";
import type { Call } from "./linearizability.ts";

export type KeyHistory = readonly Call<KeyOperation>[];

export interface HistoriesOptions {
  /** Of the gateway, without a slash at the end. */
  readonly url: string;
  /** Whole numbers from 0 to 2³² - 1. */
  readonly random: () => number;
  /** One history each. */
  readonly keys: readonly string[];
  readonly clients: number;
  readonly callsPerClient: number;
}

export interface RecordedHistories {
  readonly byKey: ReadonlyMap<string, KeyHistory>;
  /** Calls that were not answered with what they asked for. */
  readonly lost: number;
}

const TTL_SECONDS = 3600;
const NO_VERSION = "0".repeat(16);
const headers = { authorization: `Bearer ${credentialOf("dev-application-a1")}` };
const KINDS = [
  "get",
  "get",
  "put",
  "put",
  "delete",
  "put-if-absent",
  "put-if-unchanged",
  "increment",
  "touch",
  "get-and-delete",
] as const;

/** Lets clients call the gateway on a few keys at once, and records who was answered what, and when. */
export async function recordHistories(options: HistoriesOptions): Promise<RecordedHistories> {
  const byKey = new Map<string, Call<KeyOperation>[]>();
  let [tick, written, lost] = [0, 0, 0];
  const runClient = async (key: string, calls: Call<KeyOperation>[]): Promise<void> => {
    let version = NO_VERSION;
    for (let count = 0; count < options.callsPerClient; count += 1) {
      const kind = KINDS[options.random() % KINDS.length] ?? "get";
      written += 1;
      // Every second value is a number that no increment reaches from another one.
      const value = written % 2 === 0 ? String(written * 1000) : `text ${String(written)}`;
      const begin = (tick += 1);
      const operation = await perform(options, key, { kind, value, version, ends: options.random() % 2 === 0 });
      const end = (tick += 1);
      if (operation.isLost) lost += 1;
      calls.push({ operation: operation.done, begin, end: operation.isLost ? Infinity : end });
      version = versionIn(operation.done) ?? version;
    }
  };
  await Promise.all(
    options.keys.map(async (key) => {
      const calls: Call<KeyOperation>[] = [];
      byKey.set(key, calls);
      await Promise.all(Array.from({ length: options.clients }, async () => runClient(key, calls)));
    }),
  );
  return { byKey, lost };
}

interface Plan {
  readonly kind: (typeof KINDS)[number];
  readonly value: string;
  readonly version: string;
  readonly ends: boolean;
}

async function perform({ url, random }: HistoriesOptions, key: string, { kind, value, version, ends }: Plan) {
  const values = `${url}${namespacePath(STRONG.id)}/values/${key}`;
  const ttl = ends ? { expiration_ttl: TTL_SECONDS } : {};
  const atomic = async (fields: object): Promise<Response> =>
    fetch(`${url}/kvshift/v1/namespaces/${STRONG.id}/atomic`, {
      method: "POST",
      headers,
      body: JSON.stringify({
        operation: kind,
        operation_id: `operation-${String(random())}-${String(random())}`,
        key,
        ...fields,
      }),
    });
  switch (kind) {
    case "get":
      return readOf(await fetch(values, { headers }));
    case "put": {
      const query = ends ? `?expiration_ttl=${String(TTL_SECONDS)}` : "";
      const response = await fetch(`${values}${query}`, { method: "PUT", headers, body: value });
      return { done: { kind, value, ends } as const, isLost: !(await isDone(response)) };
    }
    case "delete":
      return { done: { kind } as const, isLost: !(await isDone(await fetch(values, { method: "DELETE", headers }))) };
    case "put-if-absent":
      return outcomeOf({ kind, value }, await atomic({ value }));
    case "put-if-unchanged":
      return outcomeOf({ kind, value, version }, await atomic({ value, version }));
    case "increment": {
      const response = await atomic({});
      // Not a number, or too large for one.
      if (response.status === 400 || response.status === 409) {
        await response.text();
        return { done: { kind, answer: "refused" } as const, isLost: false };
      }
      return outcomeOf({ kind }, response);
    }
    case "touch":
      return outcomeOf({ kind, ends }, await atomic(ttl));
    case "get-and-delete":
      return outcomeOf({ kind }, await atomic({}));
    default:
      throw new Error(`no such operation: ${String(kind satisfies never)}`);
  }
}

async function readOf(response: Response): Promise<{ done: KeyOperation; isLost: boolean }> {
  const text = await response.text();
  if (response.status === 404) return { done: { kind: "get" }, isLost: false };
  const version = response.headers.get("kvshift-version") ?? undefined;
  const answer = { value: text, version, ends: response.headers.get("expiration") !== null };
  return response.status === 200
    ? { done: { kind: "get", answer }, isLost: false }
    : { done: { kind: "get" }, isLost: true };
}

async function isDone(response: Response): Promise<boolean> {
  await response.text();
  return response.status === 200;
}

async function outcomeOf(
  operation: KeyOperation,
  response: Response,
): Promise<{ done: KeyOperation; isLost: boolean }> {
  const body = await response.text();
  if (response.status !== 200) return { done: operation, isLost: true };
  const { result } = JSON.parse(body) as {
    result: { applied: boolean; version: string | null; value?: string | number };
  };
  const { applied, version, value } = result;
  const content = operation.kind === "get-and-delete" && typeof value === "string" ? textOf(value) : value;
  const answer: AtomicAnswer = {
    applied,
    version: version ?? undefined,
    ...(content === undefined || content === null ? {} : { value: content }),
  };
  return { done: { ...operation, answer } as KeyOperation, isLost: false };
}

function textOf(base64: string): string {
  return new TextDecoder().decode(fromBase64(base64));
}

function versionIn(operation: KeyOperation): string | undefined {
  return "answer" in operation && typeof operation.answer === "object" ? operation.answer.version : undefined;
}
