import { describe, expect, it, onTestFinished } from "vitest";

import { listen } from "../../local-cloud/http/listen.ts";
import { Secret } from "../../src/core/secret.ts";
import { vendorApi } from "../../src/vendors/vendor-api.ts";

async function serve(answer: (request: Request) => Promise<Response>): Promise<string> {
  const server = await listen(answer);
  onTestFinished(() => server.close());
  return server.url;
}

describe("a redirect", () => {
  it("is refused by the platform's own fetch, so that the key goes to the vendor and nowhere else", async () => {
    let elsewhere = 0;
    const other = await serve(() => {
      elsewhere += 1;
      return Promise.resolve(Response.json({}));
    });
    const keys: (string | null)[] = [];
    const base = await serve((request) => {
      keys.push(request.headers.get("authorization"));
      return Promise.resolve(new Response(null, { status: 307, headers: { location: `${other}/stolen` } }));
    });
    const key = "x".repeat(20);
    const send = vendorApi({
      base,
      key: new Secret(key),
      fetch,
      sleep: () => Promise.resolve(),
      signal: new AbortController().signal,
      repeats: 0,
    });
    const answer = await send("GET", "/owners");
    expect(answer).toMatchObject({ status: undefined, summary: expect.stringMatching(/^GET \/owners: no answer/) });
    expect({ keys, elsewhere }).toEqual({ keys: [`Bearer ${key}`], elsewhere: 0 });
    expect(JSON.stringify(answer)).not.toContain(key);
  });
});
