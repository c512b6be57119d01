import { type Method, type Send, VendorError } from "../http.ts";
import { isProperties, listOf, type Plain, type Properties, propertiesOf } from "../plain.ts";

/** Cloudflare's API v4 behind its envelope: https://developers.cloudflare.com/fundamentals/api/how-to/make-api-calls/ */
export interface CloudflareApi {
  /** The `result` of a call that succeeded. Throws a `VendorError` that names Cloudflare's codes otherwise. */
  readonly call: (method: Method, path: string, body?: Plain) => Promise<Plain>;
  /** The object at `path`, or `undefined` where Cloudflare answers 404. */
  readonly find: (path: string) => Promise<Properties | undefined>;
}

export function createCloudflareApi(send: Send): CloudflareApi {
  const call = async (method: Method, path: string, body?: Plain): Promise<Plain> => {
    const { status, json, summary } = await send(method, path, body);
    const envelope = propertiesOf(json);
    const ok = status >= 200 && status < 300 && envelope["success"] !== false;
    if (!ok)
      throw new VendorError(`failed to make http request: ${[summary, ...errorsOf(envelope)].join(" ")}`, status);
    return envelope["result"] ?? null;
  };
  return {
    call,
    find: async (path) => {
      try {
        return propertiesOf(await call("GET", path));
      } catch (error) {
        if (error instanceof VendorError && error.status === 404) return undefined;
        throw error;
      }
    },
  };
}

/** Code and message of each error: all that may be shown of an answer. */
function errorsOf(envelope: Properties): readonly string[] {
  return listOf(envelope["errors"])
    .filter(isProperties)
    .map(({ code, message }) => JSON.stringify({ code, message }));
}

/** An id or name as one segment of a path. */
export function segment(value: string): string {
  return encodeURIComponent(value);
}
