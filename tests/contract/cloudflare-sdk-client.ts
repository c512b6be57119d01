import Cloudflare, { APIError } from "cloudflare";

import { BASE_URL, type EmulatedCloudflare } from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";

/** The official SDK, its calls answered by the emulator. */
export function sdkFor({ emulator, bootstrap }: EmulatedCloudflare, apiToken = bootstrap): Cloudflare {
  return new Cloudflare({
    apiToken,
    apiEmail: null,
    apiKey: null,
    userServiceKey: null,
    baseURL: BASE_URL,
    maxRetries: 0,
    fetch: (url, init) => emulator.fetch(new Request(url, init)),
  });
}

/** Status and codes of the error that a call of the SDK ends with; fails where it ends without. */
export async function sdkError(call: PromiseLike<unknown>): Promise<{ status: unknown; codes: unknown[] }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    return { status: error.status, codes: error.errors.map(({ code }) => code) };
  }
  throw new Error("The call was expected to be refused.");
}

/** All items of all pages of a list. */
export async function all<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of list) items.push(item);
  return items;
}
