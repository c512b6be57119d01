import { describe, expect, test } from "vitest";

import { type Answer, emulateCloudflare, type EmulatedCloudflare } from "./emulated-cloudflare.ts";

const FIVE_MINUTES = 300_000;

const namesOf = ({ status, headers }: Answer) => ({
  status,
  ratelimit: headers.get("ratelimit"),
  policy: headers.get("ratelimit-policy"),
  retryAfter: headers.get("retry-after"),
});

function list({ call }: EmulatedCloudflare, token?: string): Promise<Answer> {
  return call("GET", "/storage/kv/namespaces", token === undefined ? {} : { token });
}

async function calls(cloud: EmulatedCloudflare, count: number): Promise<Set<number>> {
  const statuses = new Set<number>();
  for (let call = 0; call < count; call += 1) statuses.add((await list(cloud)).status);
  return statuses;
}

describe("the rate limit", () => {
  test("admits 1,200 calls of a token in five minutes, and says in each answer what is left", async () => {
    const cloud = emulateCloudflare();
    const policy = '"default";q=1200;w=300';
    expect(namesOf(await list(cloud))).toEqual({
      status: 200,
      ratelimit: '"default";r=1199;t=300',
      policy,
      retryAfter: null,
    });
    cloud.clock.advance(100_500);
    const refusedByRoute = await cloud.call("GET", "/storage/kv/namespaces/none");
    expect(namesOf(refusedByRoute)).toMatchObject({ status: 404, ratelimit: '"default";r=1198;t=200', policy });
    expect(await calls(cloud, 1198)).toEqual(new Set([200]));
    expect((await list(cloud)).status).toBe(429);
  });

  test("refuses every call of a token for five minutes once it is exceeded", async () => {
    const cloud = emulateCloudflare({ rateLimit: { requests: 2, windowSeconds: 300 } });
    await list(cloud);
    cloud.clock.advance(200_000);
    await list(cloud);
    const refused = await list(cloud);
    expect(namesOf(refused)).toEqual({
      status: 429,
      ratelimit: '"default";r=0;t=300',
      policy: '"default";q=2;w=300',
      retryAfter: "300",
    });
    expect(refused.json).toEqual({
      success: false,
      errors: [{ code: 971, message: "Please wait and consider throttling your request speed" }],
      messages: [],
      result: null,
    });
    // The window that was exceeded is over by now; the block is not, and further calls do not prolong it.
    cloud.clock.advance(FIVE_MINUTES - 1);
    expect(namesOf(await list(cloud))).toMatchObject({ status: 429, retryAfter: "1" });
    expect((await cloud.callAnywhere("GET", "/nowhere")).status).toBe(429);
    cloud.clock.advance(1);
    expect(namesOf(await list(cloud))).toMatchObject({ status: 200, ratelimit: '"default";r=1;t=300' });
  });

  test("does nothing of a call that it refuses, and logs it", async () => {
    const cloud = emulateCloudflare({ rateLimit: { requests: 1, windowSeconds: 300 } });
    await list(cloud);
    const refused = await cloud.call("POST", "/storage/kv/namespaces", { json: { title: "t" } });
    expect(cloud.emulator.requestLog.entries.at(-1)).toMatchObject({
      method: "POST",
      status: 429,
      response: refused.json,
    });
    cloud.clock.advance(FIVE_MINUTES);
    expect((await list(cloud)).json.result).toEqual([]);
  });

  test("is counted for each token, and not at all for a key that is none", async () => {
    const cloud = emulateCloudflare({ rateLimit: { requests: 2, windowSeconds: 300 } });
    const other = await cloud.mint();
    await list(cloud);
    const unknown = `cfat_${"x".repeat(48)}`;
    const statuses = [await list(cloud), await list(cloud, other.value), await list(cloud, unknown)];
    expect(statuses.map(namesOf)).toMatchObject([
      { status: 429 },
      { status: 200, ratelimit: '"default";r=1;t=300' },
      { status: 401, ratelimit: null, policy: null },
    ]);
  });
});
