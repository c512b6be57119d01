import { describe, expect, it, vi } from "vitest";

import type { Sleep } from "../../../../local-cloud/http/edge.ts";
import { type FaultyVendor, startFaultyVendor, TRANSPORTS, VENDORS } from "./faulty-vendor.ts";

const CASES = VENDORS.flatMap((vendor) => TRANSPORTS.map((transport) => [vendor, transport] as const));
const VENDOR_BODIES = {
  cloudflare: {
    success: false,
    errors: [{ code: expect.any(Number) as unknown, message: expect.any(String) as unknown }],
    messages: [],
    result: null,
  },
  render: { message: expect.any(String) as unknown },
};

async function failureOf(answer: Promise<Response>): Promise<unknown> {
  return answer.then(
    ({ status }) => `answered ${String(status)}`,
    (error: unknown) => error,
  );
}

/** `fetch` rejects with this where a connection ends. */
const CONNECTION_LOST = expect.objectContaining({
  name: "TypeError",
  message: "fetch failed",
  cause: expect.objectContaining({ code: "ECONNRESET" }) as unknown,
}) as unknown;

function loggedCreates({ requestLog }: FaultyVendor): readonly unknown[] {
  return requestLog.entries
    .filter(({ method }) => method === "POST")
    .map(({ path, status, fault }) => ({ path, status, fault }));
}

describe.each(CASES)("%s, %s,", (name, transport) => {
  const start = (sleep: Sleep = () => Promise.resolve()) => startFaultyVendor(name, transport, sleep);

  it("answers as planned in its own form without doing anything", async () => {
    const vendor = await start();
    const handle = vendor.add({ times: 2, fault: { kind: "answer", status: 429, headers: { "retry-after": "7" } } });
    for (const _ of [1, 2]) {
      const response = await vendor.create();
      expect([response.status, response.headers.get("retry-after")]).toEqual([429, "7"]);
      expect(response.headers.get("content-type")).toMatch(/^application\/json/);
      expect(await response.json()).toEqual(VENDOR_BODIES[name]);
    }
    expect([handle.hits, await vendor.count()]).toEqual([2, 0]);
    expect((await vendor.create()).ok).toBe(true);
    expect(await vendor.count()).toBe(1);
  });

  it("answers with the planned body, or none where a success has none", async () => {
    const vendor = await start();
    for (const [status, body] of [
      [500, { planned: true }],
      [502, "<html>Bad gateway</html>"],
      [202, undefined],
    ] as const) {
      vendor.add({ fault: { kind: "answer", status, body } });
    }
    const answers = [await vendor.create(), await vendor.create(), await vendor.create()];
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual([
      '{"planned":true}',
      "<html>Bad gateway</html>",
      "",
    ]);
    expect(answers.map(({ status }) => status)).toEqual([500, 502, 202]);
    expect(await vendor.count()).toBe(0);
  });

  it("holds a call back before its effect", async () => {
    const counted: number[] = [];
    const sleep = vi.fn<Sleep>(async () => void counted.push(await vendor.count()));
    const vendor = await start(sleep);
    vendor.add({ fault: { kind: "delay", milliseconds: 1500 } });
    expect((await vendor.create()).ok).toBe(true);
    expect([sleep.mock.calls, counted, await vendor.count()]).toEqual([[[1500]], [0], 1]);
  });

  it("ends the connection before the effect, and logs the call as not answered", async () => {
    const vendor = await start();
    vendor.add({ fault: { kind: "drop" } });
    expect(await failureOf(vendor.create())).toEqual(CONNECTION_LOST);
    expect(await vendor.count()).toBe(0);
    expect(loggedCreates(vendor)).toEqual([{ path: vendor.path, status: 0, fault: "drop" }]);
  });

  it("ends the connection after the effect, and logs what would have been answered", async () => {
    const vendor = await start();
    const answered = await vendor.create();
    vendor.add({ fault: { kind: "lose-answer" } });
    expect(await failureOf(vendor.create())).toEqual(CONNECTION_LOST);
    expect(await vendor.count()).toBe(2);
    expect(loggedCreates(vendor)).toEqual([
      { path: vendor.path, status: answered.status, fault: undefined },
      { path: vendor.path, status: answered.status, fault: "lose-answer" },
    ]);
  });

  it.each(["answer", "lose-answer"] as const)("runs a test's code around the effect, then does: %s", async (then) => {
    const vendor = await start();
    const seen: unknown[] = [];
    const look = async () => seen.push([await vendor.count(), loggedCreates(vendor).length]);
    vendor.add({
      fault: {
        kind: "intercept",
        before: async () => void (await look()),
        after: async () => {
          await look();
          return then;
        },
      },
    });
    const failure = await failureOf(vendor.create());
    const success = name === "render" ? "answered 201" : "answered 200";
    expect(failure).toEqual(then === "answer" ? success : CONNECTION_LOST);
    expect(seen).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });
});

describe("a client that is gone before its answer", () => {
  it.each(["answer", "lose-answer"] as const)("disturbs nothing: %s", async (then) => {
    const vendor = await startFaultyVendor("cloudflare", "on a socket", () => Promise.resolve());
    const client = new AbortController();
    const after = vi.fn<() => Promise<typeof then>>(async () => {
      client.abort();
      return then;
    });
    vendor.add({ fault: { kind: "intercept", after } });
    await expect(vendor.create(client.signal)).rejects.toThrow("aborted");
    expect(await vendor.count()).toBe(1);
    expect((await vendor.create()).ok).toBe(true);
    expect([after.mock.calls.length, await vendor.count()]).toEqual([1, 2]);
  });
});
