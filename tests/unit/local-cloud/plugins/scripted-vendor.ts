import { type CloudflareApi, createCloudflareApi } from "../../../../local-cloud/plugins/cloudflare/api.ts";
import { createSender, type Send } from "../../../../local-cloud/plugins/http.ts";
import { createRenderApi, type RenderApi } from "../../../../local-cloud/plugins/render/api.ts";
import { Secret } from "../../../../src/core/secret.ts";

export interface ScriptedAnswer {
  readonly status: number;
  /** Absent: an answer without content. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ScriptedVendor {
  readonly send: Send;
  readonly cloudflare: CloudflareApi;
  readonly render: RenderApi;
  /** `METHOD path`, followed by the body where there was one. */
  readonly calls: readonly string[];
  /** Milliseconds of each wait. */
  readonly waits: readonly number[];
  readonly requests: readonly RequestInit[];
}

const ENDPOINT = "http://127.0.0.1:9";

/** A vendor that gives the next answer of a list to every call, and fails where there is none. */
export function scriptedVendor(...answers: readonly ScriptedAnswer[]): ScriptedVendor {
  const queue = [...answers];
  const calls: string[] = [];
  const waits: number[] = [];
  const requests: RequestInit[] = [];
  const send = createSender({
    endpoint: new URL(`${ENDPOINT}/`),
    key: new Secret("k".repeat(8)),
    userAgent: "test",
    sleep: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
    fetch: (input, init = {}) => {
      const path = new Request(input).url.slice(ENDPOINT.length);
      calls.push([init.method, path, ...(typeof init.body === "string" ? [init.body] : [])].join(" "));
      requests.push(init);
      const answer = queue.shift();
      return answer ? Promise.resolve(respond(answer)) : Promise.reject(new TypeError("no more answers"));
    },
  });
  return { send, cloudflare: createCloudflareApi(send), render: createRenderApi(send), calls, waits, requests };
}

function respond({ status, body, headers = {} }: ScriptedAnswer): Response {
  if (body === undefined) return new Response(null, { status, headers });
  return Response.json(body, { status, headers });
}

/** A successful answer in Cloudflare's envelope. */
export function result(value: unknown): ScriptedAnswer {
  return { status: 200, body: { success: true, errors: [], messages: [], result: value } };
}

/** A failed answer in Cloudflare's envelope. */
export function failure(status: number, code: number, message: string): ScriptedAnswer {
  return { status, body: { success: false, errors: [{ code, message }], messages: [], result: null } };
}

export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A secret as the engine sends it. */
export function secret(value: unknown): unknown {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}
