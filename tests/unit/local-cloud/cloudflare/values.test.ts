import { describe, expect, test } from "vitest";

import { emulateNamespace, errorOf, START } from "./emulated-cloudflare.ts";

const MAX_VALUE_BYTES = 25 * 1024 * 1024;
const NOW_SECONDS = START / 1000;
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, index) => index);

/** A body of 1 MiB pieces that counts what was taken from it. */
function stream(bytes: number): { body: ReadableStream<Uint8Array>; taken: () => number } {
  let taken = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const length = Math.min(1024 * 1024, bytes - taken);
        if (length === 0) {
          controller.close();
          return;
        }
        taken += length;
        controller.enqueue(new Uint8Array(length));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, taken: () => taken };
}

describe("a value", () => {
  test("comes back byte for byte, without an envelope", async () => {
    const { call, path } = await emulateNamespace();
    const put = await call("PUT", `${path}/values/k`, { body: ALL_BYTES });
    expect(put.json).toEqual({ success: true, errors: [], messages: [], result: null });
    const got = await call("GET", `${path}/values/k`);
    expect(got.status).toBe(200);
    expect(got.bytes).toEqual(ALL_BYTES);
    expect(got.headers.get("content-type")).toBe("application/octet-stream");
    expect(got.headers.get("expiration")).toBeNull();
  });

  test("may be empty", async () => {
    const { call, path } = await emulateNamespace();
    expect((await call("PUT", `${path}/values/k`)).status).toBe(200);
    const got = await call("GET", `${path}/values/k`);
    expect([got.status, got.bytes.byteLength]).toEqual([200, 0]);
  });

  test("is gone after the delete, which succeeds without it too", async () => {
    const { call, path } = await emulateNamespace();
    await call("PUT", `${path}/values/k`, { body: "v" });
    expect((await call("DELETE", `${path}/values/k`)).status).toBe(200);
    expect((await call("DELETE", `${path}/values/k`)).status).toBe(200);
    const got = await call("GET", `${path}/values/k`);
    expect(got.status).toBe(404);
    expect(got.json).toEqual({
      success: false,
      errors: [{ code: 10009, message: "get: 'key not found'" }],
      messages: [],
      result: null,
    });
  });

  test("may be 25 MiB and no byte more", async () => {
    const { call, path } = await emulateNamespace();
    expect((await call("PUT", `${path}/values/k`, { body: new Uint8Array(MAX_VALUE_BYTES) })).status).toBe(200);
    const refused = await call("PUT", `${path}/values/k`, { body: new Uint8Array(MAX_VALUE_BYTES + 1) });
    expect(errorOf(refused)).toEqual({ status: 413, code: 10001 });
    expect((await call("GET", `${path}/values/k`)).bytes.byteLength).toBe(MAX_VALUE_BYTES);
  });

  test("that is far too large is refused before it is read to its end", async () => {
    const { call, path } = await emulateNamespace();
    const { body, taken } = stream(1024 * MAX_VALUE_BYTES);
    expect(errorOf(await call("PUT", `${path}/values/k`, { body }))).toEqual({ status: 413, code: 10001 });
    expect(taken()).toBeLessThanOrEqual(MAX_VALUE_BYTES + 4 * 1024 * 1024);
  });

  test("that says to be too large is refused before it is read at all", async () => {
    const { call, path } = await emulateNamespace();
    const { body, taken } = stream(10);
    const headers = { "content-length": String(MAX_VALUE_BYTES + 1) };
    expect(errorOf(await call("PUT", `${path}/values/k`, { body, headers }))).toEqual({ status: 413, code: 10001 });
    expect(taken()).toBe(0);
  });
});

describe("a key in a path", () => {
  test.each([
    "simple",
    "session:1/../2",
    "a/b",
    "a%2Fb",
    "100%",
    "ünï-✓-𝄞",
    " spaced out ",
    "tab\tand\nline",
    "q?x=1#y",
    "a+b",
    "...",
    "__proto__",
    "k".repeat(512),
    "é".repeat(256),
  ])("is the decoded name: %j", async (key) => {
    const { call, path } = await emulateNamespace();
    await call("PUT", `${path}/values/${encodeURIComponent(key)}`, { body: key });
    const got = await call("GET", `${path}/values/${encodeURIComponent(key)}`);
    expect(Buffer.from(got.bytes).toString()).toBe(key);
    const { json } = await call("GET", `${path}/keys`);
    expect(json.result).toEqual([{ name: key }]);
  });

  test("with an encoded slash is not the one with an encoded percent sign", async () => {
    const { call, path } = await emulateNamespace();
    await call("PUT", `${path}/values/a%2Fb`, { body: "slash" });
    await call("PUT", `${path}/values/a%252Fb`, { body: "percent" });
    const { json } = await call("GET", `${path}/keys`);
    expect(json.result).toEqual([{ name: "a%2Fb" }, { name: "a/b" }]);
  });

  test("with a bare slash leads nowhere", async () => {
    const { call, path } = await emulateNamespace();
    expect(errorOf(await call("PUT", `${path}/values/a/b`, { body: "v" }))).toEqual({ status: 404, code: 7003 });
  });

  test.each(["GET", "PUT", "DELETE"])("is refused to %s where it is empty, too long or no UTF-8", async (method) => {
    const { call, path } = await emulateNamespace();
    const codes = ["", ".", "k".repeat(513), "é".repeat(257), "%ff", "%zz"].map(async (key) =>
      errorOf(await call(method, `${path}/values/${key}`)),
    );
    const bad = { status: 400, code: 10001 };
    const long = { status: 414, code: 10001 };
    expect(await Promise.all(codes)).toEqual([bad, bad, long, long, bad, bad]);
  });

  test("is refused for its metadata in the same way", async () => {
    const { call, path } = await emulateNamespace();
    expect(errorOf(await call("GET", `${path}/metadata/`))).toEqual({ status: 400, code: 10001 });
    expect(errorOf(await call("GET", `${path}/metadata/${"k".repeat(513)}`))).toEqual({ status: 414, code: 10001 });
    expect(errorOf(await call("GET", `${path}/metadata/none`))).toEqual({ status: 404, code: 10009 });
  });
});

describe("expiry", () => {
  test.each([
    ["expiration_ttl=60", NOW_SECONDS + 60],
    [`expiration=${String(NOW_SECONDS + 60)}`, NOW_SECONDS + 60],
    [`expiration=${String(NOW_SECONDS + 61)}&expiration_ttl=3600`, NOW_SECONDS + 3600],
    ["expiration=1&expiration_ttl=3600", NOW_SECONDS + 3600],
  ])("by %s comes in its very millisecond", async (query, at) => {
    const { call, path, clock } = await emulateNamespace();
    await call("PUT", `${path}/values/k?${query}`, { body: "v" });
    const views = async () => [
      (await call("GET", `${path}/values/k`)).headers.get("expiration"),
      (await call("GET", `${path}/keys`)).json.result,
      (await call("POST", `${path}/bulk/get`, { json: { keys: ["k"] } })).json.result,
      (await call("GET", `${path}/metadata/k`)).status,
    ];
    clock.advance(at * 1000 - START - 1);
    expect(await views()).toEqual([String(at), [{ name: "k", expiration: at }], { values: { k: "v" } }, 200]);
    clock.advance(1);
    expect(await views()).toEqual([null, [], { values: { k: null } }, 404]);
  });

  test("counts from the second in which the clock is", async () => {
    const { call, path, clock } = await emulateNamespace();
    clock.advance(999);
    await call("PUT", `${path}/values/k?expiration_ttl=60`, { body: "v" });
    expect((await call("GET", `${path}/values/k`)).headers.get("expiration")).toBe(String(NOW_SECONDS + 60));
  });

  test.each([
    ["expiration_ttl=59", "Invalid expiration_ttl of 59. Expiration TTL must be at least 60."],
    ["expiration_ttl=0", "Invalid expiration_ttl of 0. Expiration TTL must be at least 60."],
    ["expiration_ttl=-60", "Invalid expiration_ttl of NaN. Expiration TTL must be at least 60."],
    ["expiration_ttl=60.5", "Invalid expiration_ttl of NaN. Expiration TTL must be at least 60."],
    [
      `expiration=${String(NOW_SECONDS + 59)}`,
      `Invalid expiration of ${String(NOW_SECONDS + 59)}. Expiration times must be at least 60 seconds in the future.`,
    ],
    ["expiration=soon", "Invalid expiration of NaN. Expiration times must be at least 60 seconds in the future."],
  ])("by %s is refused", async (query, message) => {
    const { call, path } = await emulateNamespace();
    const answer = await call("PUT", `${path}/values/k?${query}`, { body: "v" });
    expect(answer.status).toBe(400);
    expect(answer.json.errors).toEqual([{ code: 10001, message }]);
    expect((await call("GET", `${path}/values/k`)).status).toBe(404);
  });

  test("and metadata do not survive the next put", async () => {
    const { call, path, clock } = await emulateNamespace();
    await call("PUT", `${path}/bulk`, { json: [{ key: "k", value: "v", metadata: { a: 1 }, expiration_ttl: 60 }] });
    await call("PUT", `${path}/values/k`, { body: "w" });
    clock.advance(61_000);
    expect((await call("GET", `${path}/values/k`)).headers.get("expiration")).toBeNull();
    expect((await call("GET", `${path}/metadata/k`)).json.result).toBeNull();
  });
});
