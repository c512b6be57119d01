import { describe, expect, test } from "vitest";

import { emulateNamespace, errorOf, START } from "./emulated-cloudflare.ts";

const NOW_SECONDS = START / 1000;
const MEBIBYTE = 1024 * 1024;
const REFUSED = { status: 400, code: 10001 };

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `k${String(index)}`);

describe("bulk put", () => {
  test("writes text, bytes, expiry and metadata", async () => {
    const { call, path } = await emulateNamespace();
    const json = [
      { key: "text", value: "ü\r\n" },
      { key: "bytes", value: Buffer.from([0, 255, 13]).toString("base64"), base64: true },
      { key: "ttl", value: "v", expiration: 1, expiration_ttl: 60 },
      { key: "at", value: "v", expiration: NOW_SECONDS + 60, metadata: { a: [1] } },
    ];
    const put = await call("PUT", `${path}/bulk`, { json });
    expect(put.json.result).toEqual({ successful_key_count: 4, unsuccessful_keys: [] });
    expect((await call("GET", `${path}/keys`)).json.result).toEqual([
      { name: "at", expiration: NOW_SECONDS + 60, metadata: { a: [1] } },
      { name: "bytes" },
      { name: "text" },
      { name: "ttl", expiration: NOW_SECONDS + 60 },
    ]);
    expect([...(await call("GET", `${path}/values/bytes`)).bytes]).toEqual([0, 255, 13]);
    expect(Buffer.from((await call("GET", `${path}/values/text`)).bytes).toString()).toBe("ü\r\n");
  });

  test("takes 10,000 pairs and not one more", async () => {
    const { call, path } = await emulateNamespace();
    const pairs = numbered(10_001).map((key) => ({ key, value: "v" }));
    const fits = await call("PUT", `${path}/bulk`, { json: pairs.slice(1) });
    expect(fits.json.result).toEqual({ successful_key_count: 10_000, unsuccessful_keys: [] });
    expect(errorOf(await call("PUT", `${path}/bulk`, { json: pairs }))).toEqual(REFUSED);
    expect((await call("GET", `${path}/values/k0`)).status).toBe(404);
  });

  test("takes a body of 100 MiB and not one byte more", { timeout: 60_000 }, async () => {
    const { call, path } = await emulateNamespace();
    const padded = Buffer.alloc(100 * MEBIBYTE + 1, " ");
    padded.write(JSON.stringify([{ key: "k", value: "v" }]));
    expect((await call("PUT", `${path}/bulk`, { body: padded.subarray(0, 100 * MEBIBYTE) })).status).toBe(200);
    const refused = await call("PUT", `${path}/bulk`, { body: padded });
    expect(errorOf(refused)).toEqual({ status: 413, code: 10001 });
  });

  test.each([
    ["no list", {}, 400],
    ["a pair without a value", [{ key: "k" }], 400],
    ["a value that is no text", [{ key: "k", value: 1 }], 400],
    ["an empty key", [{ key: "", value: "v" }], 400],
    ["the key .", [{ key: ".", value: "v" }], 400],
    ["the key ..", [{ key: "..", value: "v" }], 400],
    ["half a character as key", [{ key: "\ud800", value: "v" }], 400],
    ["a key of 513 bytes", [{ key: "k".repeat(513), value: "v" }], 414],
    ["a lifetime of 59 seconds", [{ key: "k", value: "v", expiration_ttl: 59 }], 400],
    ["an end in 59 seconds", [{ key: "k", value: "v", expiration: NOW_SECONDS + 59 }], 400],
    ["half a second", [{ key: "k", value: "v", expiration_ttl: 60.5 }], 400],
    ["base64 that is none", [{ key: "k", value: "not base64", base64: true }], 400],
    ["1,025 bytes of metadata", [{ key: "k", value: "v", metadata: "m".repeat(1023) }], 413],
    ["a value over 25 MiB", [{ key: "k", value: "v".repeat(25 * MEBIBYTE + 1) }], 413],
  ])("refuses %s and writes nothing of the body", async (_, bad, status) => {
    const { call, path } = await emulateNamespace();
    const json = Array.isArray(bad) ? [{ key: "good", value: "v" }, ...bad] : bad;
    expect(errorOf(await call("PUT", `${path}/bulk`, { json }))).toEqual({ status, code: 10001 });
    expect((await call("GET", `${path}/keys`)).json.result).toEqual([]);
  });

  test("takes what is just within the limits", async () => {
    const { call, path } = await emulateNamespace();
    const json = [
      { key: "k".repeat(512), value: "v", metadata: "m".repeat(1022), expiration_ttl: 60 },
      { key: "l", value: "v".repeat(25 * MEBIBYTE) },
    ];
    expect((await call("PUT", `${path}/bulk`, { json })).status).toBe(200);
  });
});

describe("bulk delete", () => {
  test.each([
    ["POST", "/bulk/delete"],
    ["DELETE", "/bulk"],
  ])("by %s %s takes away what it names, there or not", async (method, suffix) => {
    const { call, path } = await emulateNamespace();
    await call("PUT", `${path}/bulk`, { json: ["a", "b", "c"].map((key) => ({ key, value: "v" })) });
    const { json } = await call(method, `${path}${suffix}`, { json: ["a", "c", "missing"] });
    expect(json.result).toEqual({ successful_key_count: 3, unsuccessful_keys: [] });
    expect((await call("GET", `${path}/keys`)).json.result).toEqual([{ name: "b" }]);
  });

  test("takes 10,000 keys and not one more", async () => {
    const { call, path } = await emulateNamespace();
    expect((await call("POST", `${path}/bulk/delete`, { json: numbered(10_000) })).status).toBe(200);
    expect(errorOf(await call("POST", `${path}/bulk/delete`, { json: numbered(10_001) }))).toEqual(REFUSED);
  });

  test.each([[{}], [[1]], [[""]], [[{ name: "k" }]]])("refuses %j", async (json) => {
    const { call, path } = await emulateNamespace();
    expect(errorOf(await call("POST", `${path}/bulk/delete`, { json }))).toEqual(REFUSED);
  });
});

async function withPairs() {
  const cloud = await emulateNamespace();
  const json = [
    { key: "text", value: "ü" },
    { key: "json", value: '{"a":[0]}', metadata: { m: 1 }, expiration_ttl: 60 },
    { key: "empty", value: "", metadata: 0 },
    { key: "binary", value: "/w==", base64: true },
  ];
  await cloud.call("PUT", `${cloud.path}/bulk`, { json });
  return { ...cloud, get: (body: object) => cloud.call("POST", `${cloud.path}/bulk/get`, { json: body }) };
}

describe("bulk get", () => {
  test("answers texts, null for what is missing, and a key of any name", async () => {
    const { get } = await withPairs();
    const { json } = await get({ keys: ["text", "json", "empty", "missing", "__proto__"] });
    expect(JSON.stringify(json.result)).toBe(
      JSON.stringify({ values: { text: "ü", json: '{"a":[0]}', empty: "", missing: null, ["__proto__"]: null } }),
    );
  });

  test("parses JSON where that is asked for, and refuses what is none", async () => {
    const { get } = await withPairs();
    expect((await get({ keys: ["json"], type: "json" })).json.result).toEqual({ values: { json: { a: [0] } } });
    expect(errorOf(await get({ keys: ["text"], type: "json" }))).toEqual(REFUSED);
  });

  test("adds metadata and expiry where that is asked for", async () => {
    const { get } = await withPairs();
    const { json } = await get({ keys: ["json", "text", "empty", "missing"], withMetadata: true });
    expect(json.result).toEqual({
      values: {
        json: { value: '{"a":[0]}', metadata: { m: 1 }, expiration: NOW_SECONDS + 60 },
        text: { value: "ü", metadata: null },
        empty: { value: "", metadata: 0 },
        missing: null,
      },
    });
  });

  test("refuses bytes that are no text", async () => {
    const { get } = await withPairs();
    expect(errorOf(await get({ keys: ["binary"] }))).toEqual(REFUSED);
  });

  test("takes 100 keys and not one more", async () => {
    const { get } = await withPairs();
    expect((await get({ keys: numbered(100) })).status).toBe(200);
    expect(errorOf(await get({ keys: numbered(101) }))).toEqual(REFUSED);
  });

  test("answers 25 MiB of values and not one byte more", async () => {
    const { get, call, path } = await withPairs();
    await call("PUT", `${path}/values/large`, { body: Buffer.alloc(25 * MEBIBYTE - 2, "v") });
    expect((await get({ keys: ["large", "text"] })).status).toBe(200);
    await call("PUT", `${path}/values/large`, { body: Buffer.alloc(25 * MEBIBYTE - 1, "v") });
    expect(errorOf(await get({ keys: ["large", "text"] }))).toEqual({ status: 413, code: 10001 });
  });

  test.each([
    {},
    { keys: "k" },
    { keys: [""] },
    { keys: ["k"], type: "arrayBuffer" },
    { keys: ["k"], withMetadata: 1 },
  ])("refuses %j", async (body) => {
    const { get } = await withPairs();
    expect(errorOf(await get(body))).toEqual(REFUSED);
  });
});
