import { Secret } from "../../../src/core/secret.ts";
import { type ApiOptions, type Send, vendorApi } from "../../../src/vendors/vendor-api.ts";

export const BASE = "https://vendor.test/v1";
export const KEY = "x".repeat(24);

/** What `fetch` does with one call: answers, or fails as the network does. */
export type Scripted = Response | Error | ((init: RequestInit) => Promise<Response>);

export interface SentRequest {
  readonly url: string;
  readonly init: RequestInit;
}

export interface ScriptedApi {
  readonly send: Send;
  readonly sent: readonly SentRequest[];
  /** Milliseconds of each pause before a repeat. */
  readonly pauses: readonly number[];
  /** Seconds of each pause that was told of. */
  readonly told: readonly number[];
  readonly interrupt: AbortController;
}

/** The API of a vendor that answers as it is told, one entry a call; the last one stands for all that follow. */
export function scriptedApi(script: readonly Scripted[], options: Partial<ApiOptions> = {}): ScriptedApi {
  const sent: SentRequest[] = [];
  const pauses: number[] = [];
  const told: number[] = [];
  const interrupt = new AbortController();
  const send = vendorApi({
    base: BASE,
    key: new Secret(KEY),
    fetch: (url, init) => {
      const step = script[Math.min(sent.length, script.length - 1)];
      sent.push({ url, init });
      if (typeof step === "function") return step(init);
      if (step instanceof Response) return Promise.resolve(step.clone());
      return Promise.reject(step ?? new Error("nothing is scripted"));
    },
    sleep: (milliseconds) => {
      pauses.push(milliseconds);
      return Promise.resolve();
    },
    onPause: (seconds) => told.push(seconds),
    signal: interrupt.signal,
    ...options,
  });
  return { send, sent, pauses, told, interrupt };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
}

/** As `fetch` fails: the cause has the code, the message of a cause may hold anything. */
export function networkError(code = "ECONNREFUSED"): Error {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(`connect ${KEY}`), { code }) });
}
