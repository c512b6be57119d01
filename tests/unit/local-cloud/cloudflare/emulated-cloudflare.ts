import { createHash } from "node:crypto";

import { z } from "zod";

import {
  type CloudflareEmulator,
  type CloudflareEmulatorOptions,
  createCloudflareEmulator,
  SOURCE_ADDRESS_HEADER,
} from "../../../../local-cloud/cloudflare/emulator.ts";
import type { Clock } from "../../../../src/core/clock.ts";
import type { RandomBytes } from "../../../../src/core/random.ts";

export const ACCOUNT = "a".repeat(32);
export const OTHER_ACCOUNT = "b".repeat(32);
export const BASE_URL = "https://cloudflare.test/client/v4";
export const START = Date.parse("2026-11-23T00:00:00.000Z");

export const GROUPS = {
  kvRead: "8b47d2786a534c08a1f94ee8f9f599ef",
  kvWrite: "f7f0eda5697f475c90846e879bab8666",
  scriptsRead: "1a71c399035b4950a1bd1466bbe4f420",
  scriptsWrite: "e086da7e2179491d91ee5f35b3ca210a",
  settingsRead: "c1fde68c7bcc44588cbb6ddbc16d6480",
  tokensRead: "eb56a6953c034b9d97dd838155666f06",
  tokensWrite: "5bc3f8b21c554832afc660159ab75fa4",
  zoneRoutesWrite: "28f4b596e7d643029c524985477ae49a",
} as const;
const ALL_ACCOUNT_GROUPS = Object.entries(GROUPS)
  .filter(([name]) => name !== "zoneRoutesWrite")
  .map(([, id]) => id);

const record = z.record(z.string(), z.unknown());
const minted = z.object({ id: z.string(), value: z.string() });

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  set(isoTime: string): void {
    this.#now = Date.parse(isoTime);
  }
}

/** Different bytes at each call, the same in each run. */
export function countingRandom(): RandomBytes {
  let calls = 0;
  return (length) => {
    calls += 1;
    const digest = createHash("sha512").update(String(calls)).digest();
    return Uint8Array.from(digest.subarray(0, length));
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  /** The envelope; `undefined` where the answer is no JSON. */
  readonly json: Envelope;
}

interface Envelope {
  readonly success?: boolean;
  readonly errors?: readonly { code: number; message: string; documentation_url?: string }[];
  readonly messages?: readonly unknown[];
  readonly result?: unknown;
  readonly result_info?: unknown;
}

interface CallOptions {
  readonly token?: string;
  readonly json?: unknown;
  readonly body?: BodyInit;
  readonly headers?: Record<string, string>;
  readonly from?: string;
}

type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

export interface EmulatedCloudflare {
  readonly emulator: CloudflareEmulator;
  readonly clock: ManualClock;
  /** Token of ACCOUNT that may provision. */
  readonly bootstrap: string;
  /** `path` begins below the account. */
  readonly call: Call;
  /** `path` begins below `/client/v4`. */
  readonly callAnywhere: Call;
  /** Mints a token of ACCOUNT; returns its value and its id. */
  readonly mint: (settings?: object) => Promise<{ id: string; value: string }>;
  readonly createNamespace: (title?: string) => Promise<string>;
}

export function emulateCloudflare(options: Partial<CloudflareEmulatorOptions> = {}): EmulatedCloudflare {
  const clock = new ManualClock(START);
  const emulator = createCloudflareEmulator({
    clock,
    random: countingRandom(),
    accounts: [
      { id: ACCOUNT, name: "first" },
      { id: OTHER_ACCOUNT, name: "second" },
    ],
    ...options,
  });
  const bootstrap = emulator.accountTokens[0]?.token.reveal() ?? "";

  const callAnywhere: Call = async (method, path, options = {}) => {
    const { token = bootstrap, json, body = json === undefined ? undefined : JSON.stringify(json) } = options;
    const response = await emulator.fetch(
      new Request(`${BASE_URL}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(json === undefined ? {} : { "content-type": "application/json" }),
          ...(options.from === undefined ? {} : { [SOURCE_ADDRESS_HEADER]: options.from }),
          ...options.headers,
        },
        ...(body === undefined ? {} : { body, duplex: "half" }),
      }),
    );
    const bytes = new Uint8Array(await response.arrayBuffer());
    const isJson = response.headers.get("content-type") === "application/json";
    const parsed: Envelope = isJson ? JSON.parse(Buffer.from(bytes).toString("utf8")) : {};
    return { status: response.status, headers: response.headers, bytes, json: parsed };
  };
  const call: Call = (method, path, options) => callAnywhere(method, `/accounts/${ACCOUNT}${path}`, options);

  return {
    emulator,
    clock,
    bootstrap,
    call,
    callAnywhere,
    mint: async (settings = {}) => {
      const { json } = await call("POST", "/tokens", { json: tokenBody(settings) });
      return minted.parse(json.result);
    },
    createNamespace: async (title = "sessions") => {
      return idOf(await call("POST", "/storage/kv/namespaces", { json: { title } }));
    },
  };
}

/** With a namespace, whose path below the account is `path`. */
export async function emulateNamespace(): Promise<EmulatedCloudflare & { readonly path: string }> {
  const cloud = emulateCloudflare();
  return { ...cloud, path: `/storage/kv/namespaces/${await cloud.createNamespace()}` };
}

/** A valid body of a create; by default a token that may do everything. */
export function tokenBody(settings: object = {}): object {
  return { name: "application", policies: [policyOn(ACCOUNT, ALL_ACCOUNT_GROUPS)], ...settings };
}

export function policyOn(accountId: string, groups: readonly string[], effect = "allow"): object {
  return {
    effect,
    permission_groups: groups.map((id) => ({ id })),
    resources: { [`com.cloudflare.api.account.${accountId}`]: "*" },
  };
}

/** The id of the object in an answer. */
export function idOf({ json }: Answer): string {
  return z.object({ id: z.string() }).parse(json.result).id;
}

/** One field of every object of the list in an answer. */
export function fieldOfEach({ json }: Answer, field: string): unknown[] {
  return z
    .array(record)
    .parse(json.result)
    .map((item) => item[field]);
}

/** The object in an answer. */
export function objectOf({ json }: Answer): Record<string, unknown> {
  return record.parse(json.result);
}

export function errorOf({ status, json }: Answer): { status: number; code: number | undefined } {
  return { status, code: json.errors?.[0]?.code };
}
