import { describe, expect, it } from "vitest";

import { connectVendors } from "../../../src/vendors/endpoints.ts";
import { json } from "./scripted-api.ts";

const KEYS = { CLOUDFLARE_API_TOKEN: "c".repeat(20), RENDER_API_KEY: "r".repeat(20) };

/** Both vendors asked once each: URL and key of each call, and what was told of pauses. */
async function asked(env: Readonly<Record<string, string>>, answers: readonly Response[] = []) {
  const calls: { url: string; key: string | undefined }[] = [];
  const pauses: [vendor: string, seconds: number][] = [];
  const script = [...answers];
  const { cloudflare, render } = connectVendors({
    env: { ...KEYS, ...env },
    signal: new AbortController().signal,
    fetch: (url, init) => {
      calls.push({ url, key: new Headers(init.headers).get("authorization") ?? undefined });
      return Promise.resolve(script.shift() ?? (url.includes("/owners") ? json([]) : json({ result: [] })));
    },
    sleep: () => Promise.resolve(),
    onPause: (vendor, seconds) => pauses.push([vendor, seconds]),
  });
  await cloudflare.accounts();
  await render.owners();
  return { calls, pauses };
}

describe("connectVendors", () => {
  it("asks each vendor at its public address, with its own key", async () => {
    expect((await asked({})).calls).toEqual([
      { url: "https://api.cloudflare.com/client/v4/accounts?page=1&per_page=50", key: `Bearer ${"c".repeat(20)}` },
      { url: "https://api.render.com/v1/owners?limit=100", key: `Bearer ${"r".repeat(20)}` },
    ]);
  });

  it("takes the addresses that the official providers take", async () => {
    const { calls } = await asked({
      CLOUDFLARE_BASE_URL: "http://127.0.0.1:1/client/v4",
      RENDER_HOST: "http://127.0.0.1:2/v1/",
    });
    expect(calls.map(({ url }) => new URL(url).origin + new URL(url).pathname)).toEqual([
      "http://127.0.0.1:1/client/v4/accounts",
      "http://127.0.0.1:2/v1/owners",
    ]);
  });

  it("names the vendor that asks for a pause", async () => {
    const { pauses } = await asked({}, [
      json({}, 429, { "Retry-After": "9" }),
      json({ result: [] }),
      json({}, 429, { "Retry-After": "3" }),
    ]);
    expect(pauses).toEqual([
      ["Cloudflare", 9],
      ["Render", 3],
    ]);
  });
});
