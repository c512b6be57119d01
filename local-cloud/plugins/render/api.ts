import { type Answer, type Method, type Send, VendorError } from "../http.ts";
import { type Plain, type Properties, propertiesOf } from "../plain.ts";

/** Statuses that count as success; everything else is an error. */
export type Expected = "2xx" | readonly number[];

/** Render's API: https://api-docs.render.com/reference */
export interface RenderApi {
  /** The answer of a call with an expected status. Throws a `VendorError` in the words of the official provider. */
  readonly call: (method: Method, path: string, expected: Expected, body?: Plain) => Promise<Answer>;
}

export function createRenderApi(send: Send): RenderApi {
  return {
    call: async (method, path, expected, body) => {
      const answer = await send(method, path, body);
      const { status } = answer;
      const ok = expected === "2xx" ? status >= 200 && status < 300 : expected.includes(status);
      if (!ok) throw new VendorError(`${answer.summary}: ${reasonOf(answer)}`, status);
      return answer;
    },
  };
}

function reasonOf({ status, json }: Answer): string {
  const { message } = propertiesOf(json);
  if (status === 404) return "not found";
  if (status >= 400 && status < 500) return typeof message === "string" ? message : `received ${String(status)}`;
  return `unexpected status code: ${String(status)}`;
}

/** The object of an answer. */
export function objectOf({ json, summary }: Answer): Properties {
  const object = propertiesOf(json);
  if (Object.keys(object).length === 0) throw new VendorError(`${summary}: the answer holds no JSON object`);
  return object;
}

export function groupPath(groupId: string): string {
  return `/env-groups/${encodeURIComponent(groupId)}`;
}
