import { expect } from "vitest";

import type { KvDialect } from "./dialect.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly code: number | undefined;
  readonly result: unknown;
  readonly info: { readonly count?: number; readonly cursor?: string } | undefined;
}

type ValueInit = RequestInit & { readonly query?: string };

/** Calls one implementation as an application would, with its token and in its namespace. */
export class DialectClient {
  readonly #opened: () => KvDialect;
  #tests = 0;

  /** `opened`: the implementation, which a suite opens only when it runs. */
  constructor(opened: () => KvDialect) {
    this.#opened = opened;
  }

  get dialect(): KvDialect {
    return this.#opened();
  }

  /** Names the keys of one test: no test sees those of another. */
  ownKey(): (rest: string) => string {
    this.#tests += 1;
    const prefix = String(this.#tests).padStart(3, "0");
    return (rest) => `${prefix}/${rest}`;
  }

  settle(): void {
    this.dialect.settle?.();
  }

  /** `path`: below `/client/v4`. */
  async send(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const { baseUrl, token, fetch } = this.dialect;
    const headers = new Headers(init.headers);
    if (!headers.has("authorization")) headers.set("authorization", `Bearer ${token}`);
    return read(await fetch(new Request(`${baseUrl}${path}`, { ...init, method, headers })));
  }

  /** `path`: below the namespace. */
  async call(method: string, path: string, init?: RequestInit): Promise<Answer> {
    const { accountId, namespace } = this.dialect;
    return this.send(method, `/accounts/${accountId}/storage/kv/namespaces/${namespace.id}${path}`, init);
  }

  async value(method: string, key: string, init?: ValueInit): Promise<Answer> {
    return this.call(method, `/values/${encodeURIComponent(key)}${init?.query ?? ""}`, init);
  }

  async metadata(key: string): Promise<Answer> {
    return this.call("GET", `/metadata/${encodeURIComponent(key)}`);
  }

  async list(query: Record<string, string>): Promise<Answer> {
    return this.call("GET", `/keys?${new URLSearchParams(query).toString()}`);
  }

  async bulk(pairs: unknown): Promise<Answer> {
    return this.call("PUT", "/bulk", { body: JSON.stringify(pairs) });
  }

  async bulkGet(body: unknown): Promise<Answer> {
    return this.call("POST", "/bulk/get", { body: JSON.stringify(body) });
  }
}

export function form(parts: Readonly<Record<string, string | Blob>>): FormData {
  const body = new FormData();
  for (const [name, part] of Object.entries(parts)) body.set(name, part);
  return body;
}

export function outcome({ status, code }: Answer): Pick<Answer, "status" | "code"> {
  return { status, code };
}

async function read(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  const isJson = headers.get("content-type") === "application/json";
  const json = isJson ? envelopeOf(text, status) : { code: undefined, result: undefined, info: undefined };
  return { status, headers, bytes, text, ...json };
}

/** Every answer that is JSON has to be the whole envelope. */
function envelopeOf(text: string, status: number): Pick<Answer, "code" | "result" | "info"> {
  const envelope = JSON.parse(text) as {
    errors: { code: number; message: string }[];
    result: unknown;
    result_info?: Answer["info"];
  };
  const isSuccess = status === 200;
  expect(envelope).toMatchObject({
    success: isSuccess,
    messages: expect.any(Array),
    errors: isSuccess ? [] : [{ code: expect.any(Number), message: expect.any(String) }],
  });
  if (!isSuccess) expect(envelope.result).toBeNull();
  return { code: envelope.errors[0]?.code, result: envelope.result, info: envelope.result_info };
}
