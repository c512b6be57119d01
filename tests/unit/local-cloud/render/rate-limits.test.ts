import { describe, expect, it } from "vitest";

import { createGroup, OWNER, startTestEmulator, type TestEmulator } from "./test-emulator.ts";

const TWO_A_MINUTE = { requests: 2, windowSeconds: 60 };

interface Seen {
  readonly status: number;
  readonly limit: string | null;
  readonly left: string | null;
  readonly reset: string | null;
  readonly retryAfter: string | null;
}

async function see(bed: TestEmulator, method: string, path: string, body?: unknown): Promise<Seen> {
  const { status, headers } = await bed.call(method, path, body);
  return {
    status,
    limit: headers.get("ratelimit-limit"),
    left: headers.get("ratelimit-remaining"),
    reset: headers.get("ratelimit-reset"),
    retryAfter: headers.get("retry-after"),
  };
}

async function firstRefused(call: () => Promise<Seen>): Promise<number> {
  for (let calls = 1; calls <= 500; calls += 1) {
    if ((await call()).status === 429) return calls;
  }
  return Infinity;
}

describe("rate limits", () => {
  it("admit 400 reads and 100 writes a minute, counted apart", async () => {
    const bed = startTestEmulator();
    const id = await createGroup(bed);
    expect(await firstRefused(() => see(bed, "GET", "/owners"))).toBe(401);
    const write = () => see(bed, "PUT", `/env-groups/${id}/env-vars/A`, { value: "1" });
    // The group itself was the first write.
    expect(await firstRefused(write)).toBe(100);
  });

  it("are told in each answer, refusals too", async () => {
    const bed = startTestEmulator();
    expect(await see(bed, "GET", "/owners")).toEqual({
      status: 200,
      limit: "400",
      left: "399",
      reset: "60",
      retryAfter: null,
    });
    bed.clock.advance(30_500);
    expect(await see(bed, "GET", "/services/none")).toMatchObject({ status: 404, left: "398", reset: "30" });
    expect(await see(bed, "POST", "/env-groups", {})).toMatchObject({ status: 400, limit: "100", left: "99" });
  });

  it("refuse with a message and Retry-After, without effect, until the minute is over", async () => {
    const bed = startTestEmulator({ rateLimits: { write: TWO_A_MINUTE } });
    const id = await createGroup(bed);
    bed.clock.advance(20_000);
    const put = (value: string) => bed.call("PUT", `/env-groups/${id}/env-vars/A`, { value });
    await put("kept");
    const { status, body, headers } = await put("refused");
    expect([status, body, headers.get("retry-after")]).toEqual([429, { message: "rate limit exceeded" }, "40"]);
    expect((await bed.call("GET", `/env-groups/${id}/env-vars/A`)).body).toEqual({ key: "A", value: "kept" });
    bed.clock.advance(39_999);
    expect((await put("refused")).status).toBe(429);
    bed.clock.advance(1);
    expect((await put("after the minute")).status).toBe(200);
  });

  it("admit ten deploys and changes of a service a minute, counted for each service together", async () => {
    const bed = startTestEmulator();
    const deploy = (service: string) => see(bed, "POST", `/services/${service}/deploys`, {});
    expect(await deploy("srv-1")).toMatchObject({ status: 201, limit: "10", left: "9" });
    const { headers } = await bed.emulator.fetch(
      new Request("http://render.test/v1/services/srv-1", {
        method: "PATCH",
        headers: { authorization: `Bearer ${bed.emulator.apiKey.reveal()}` },
      }),
    );
    expect([headers.get("ratelimit-limit"), headers.get("ratelimit-remaining")]).toEqual(["10", "8"]);
    expect(await firstRefused(() => deploy("srv-1"))).toBe(9);
    expect(await deploy("srv-2")).toMatchObject({ status: 201, left: "9" });
    expect(await see(bed, "GET", "/services/srv-1/deploys")).toMatchObject({ status: 200, limit: "400" });
    // A restart is a write like any other, and so is a deploy of what does not exist.
    expect(await see(bed, "POST", "/services/srv-1/restart")).toMatchObject({ limit: "100", left: "99" });
    expect(await see(bed, "POST", "/services/none/deploys", {})).toMatchObject({ status: 404, left: "98" });
  });

  it("admit twenty new services an hour", async () => {
    const { emulator, clock } = startTestEmulator();
    const create = async () => {
      const headers = { authorization: `Bearer ${emulator.apiKey.reveal()}` };
      const init = { method: "POST", headers, body: JSON.stringify({ name: "n", ownerId: OWNER }) };
      return emulator.fetch(new Request("http://render.test/v1/services", init));
    };
    for (let call = 0; call < 20; call += 1) expect((await create()).status).not.toBe(429);
    const refused = await create();
    expect([refused.status, refused.headers.get("ratelimit-limit"), refused.headers.get("retry-after")]).toEqual([
      429,
      "20",
      "3600",
    ]);
    clock.advance(3_600_000);
    expect((await create()).status).not.toBe(429);
  });

  it("count no call without the key", async () => {
    const bed = startTestEmulator({ rateLimits: { read: { requests: 1, windowSeconds: 60 } } });
    const stranger = await bed.emulator.fetch(new Request("http://render.test/v1/owners"));
    expect([stranger.status, stranger.headers.get("ratelimit-limit")]).toEqual([401, null]);
    expect((await see(bed, "GET", "/owners")).status).toBe(200);
  });
});
