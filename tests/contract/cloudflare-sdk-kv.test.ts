import { toFile } from "cloudflare";
import { describe, expect, test } from "vitest";

import { ACCOUNT, emulateCloudflare, START } from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";
import { all, sdkError, sdkFor } from "./cloudflare-sdk-client.ts";

const account = { account_id: ACCOUNT };
const NOW_SECONDS = START / 1000;
const KEY_NOT_FOUND = { status: 404, codes: [10009] };
const NAMESPACE_NOT_FOUND = { status: 404, codes: [10013] };
const UNKNOWN = "0".repeat(32);

async function withNamespace() {
  const cloud = emulateCloudflare();
  const { kv } = sdkFor(cloud);
  const { id } = await kv.namespaces.create({ ...account, title: "sessions" });
  return { ...cloud, namespaces: kv.namespaces, id, inNamespace: { ...account, namespace_id: id } };
}

describe("kv.namespaces of the official SDK", () => {
  test("creates, updates, gets, lists and deletes a namespace", async () => {
    const { kv } = sdkFor(emulateCloudflare());
    const created = await kv.namespaces.create({ ...account, title: "b", jurisdiction: "eu" });
    const { id } = created;
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      title: "b",
      supports_url_encoding: true,
      jurisdiction: "eu",
    });
    const renamed = { ...created, title: "z" };
    expect(await kv.namespaces.update(id, { ...account, title: "z" })).toEqual(renamed);
    expect(await kv.namespaces.get(id, account)).toEqual(renamed);
    const other = await kv.namespaces.create({ ...account, title: "a" });
    const list = { ...account, order: "title", per_page: 1 } as const;
    expect(await all(kv.namespaces.list(list))).toEqual([other, renamed]);
    expect(await all(kv.namespaces.list({ ...list, direction: "desc" }))).toEqual([renamed, other]);
    expect(await kv.namespaces.delete(id, account)).toBeNull();
    expect(await sdkError(kv.namespaces.get(id, account))).toEqual(NAMESPACE_NOT_FOUND);
  });

  test("reports a title that exists and a namespace that does not", async () => {
    const { namespaces, id } = await withNamespace();
    const taken = { status: 400, codes: [10014] };
    expect(await sdkError(namespaces.create({ ...account, title: "sessions" }))).toEqual(taken);
    expect(await sdkError(namespaces.update(UNKNOWN, { ...account, title: "t" }))).toEqual(NAMESPACE_NOT_FOUND);
    expect(await sdkError(namespaces.delete(UNKNOWN, account))).toEqual(NAMESPACE_NOT_FOUND);
    expect(await sdkError(namespaces.keys.list(UNKNOWN, account))).toEqual(NAMESPACE_NOT_FOUND);
    expect(await sdkError(namespaces.list({ ...account, per_page: 1001 }))).toEqual({ status: 400, codes: [10001] });
    const elsewhere = { account_id: "f".repeat(32) };
    expect(await sdkError(namespaces.get(id, elsewhere))).toEqual({ status: 403, codes: [10000] });
  });
});

describe("values, metadata and keys of the official SDK", () => {
  test("writes, reads and deletes a value with metadata and expiry", async () => {
    const { namespaces, inNamespace, id } = await withNamespace();
    const { values, metadata, keys } = namespaces;
    const key = "session:ü/1 %";
    const written = { ...inNamespace, value: "text", metadata: JSON.stringify({ user: 1 }), expiration_ttl: 60 };
    expect(await values.update(key, written)).toBeNull();
    const response = await values.get(key, inNamespace);
    expect(await response.text()).toBe("text");
    expect(response.headers.get("expiration")).toBe(String(NOW_SECONDS + 60));
    expect(await metadata.get(key, inNamespace)).toEqual({ user: 1 });
    expect(await all(keys.list(id, account))).toEqual([
      { name: key, expiration: NOW_SECONDS + 60, metadata: { user: 1 } },
    ]);
    expect(await values.delete(key, inNamespace)).toBeNull();
    expect(await sdkError(values.get(key, inNamespace))).toEqual(KEY_NOT_FOUND);
    expect(await sdkError(metadata.get(key, inNamespace))).toEqual(KEY_NOT_FOUND);
  });

  test("carries bytes as a file, while a text loses its line feeds to the form", async () => {
    const { namespaces, inNamespace } = await withNamespace();
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await namespaces.values.update("file", { ...inNamespace, value: await toFile(bytes, "value") });
    const file = await namespaces.values.get("file", inNamespace);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(bytes);
    // What FormData does to every text: one reason not to write values through the SDK as text.
    await namespaces.values.update("text", { ...inNamespace, value: "a\nb" });
    expect(await (await namespaces.values.get("text", inNamespace)).text()).toBe("a\r\nb");
  });

  test("loses metadata that is an object and no JSON text, because the SDK splits it into parts", async () => {
    const { namespaces, inNamespace } = await withNamespace();
    await namespaces.values.update("k", { ...inNamespace, value: "v", metadata: { user: "u" } });
    expect(await namespaces.metadata.get("k", inNamespace)).toBeNull();
  });

  test("reports what breaks a limit", async () => {
    const { namespaces, inNamespace } = await withNamespace();
    const put = (key: string, options: object) =>
      namespaces.values.update(key, { ...inNamespace, value: "v", ...options });
    expect(await sdkError(put("k", { expiration_ttl: 59 }))).toEqual({ status: 400, codes: [10001] });
    expect(await sdkError(put("k", { metadata: "{" }))).toEqual({ status: 400, codes: [10001] });
    expect(await sdkError(put("k", { metadata: JSON.stringify("m".repeat(1023)) }))).toEqual({
      status: 413,
      codes: [10001],
    });
    expect(await sdkError(put("k".repeat(513), {}))).toEqual({ status: 414, codes: [10001] });
    expect(await sdkError(put("", {}))).toEqual({ status: 400, codes: [10001] });
  });

  test("pages through keys by cursor", async () => {
    const { namespaces, id } = await withNamespace();
    const names = Array.from({ length: 25 }, (_, index) => `k${String(index).padStart(2, "0")}`);
    await namespaces.bulkUpdate(id, { ...account, body: [...names, "other"].map((key) => ({ key, value: "v" })) });
    const listed = await all(namespaces.keys.list(id, { ...account, limit: 10, prefix: "k" }));
    expect(listed).toEqual(names.map((name) => ({ name })));
    const first = await namespaces.keys.list(id, { ...account, limit: 10, prefix: "k" });
    expect(first.result_info).toEqual({ count: 10, cursor: expect.stringMatching(/.+/) });
  });
});

describe("bulk operations of the official SDK", () => {
  test("write, read and delete many pairs", async () => {
    const { namespaces, id } = await withNamespace();
    const body = [
      { key: "text", value: "ü" },
      { key: "bytes", value: "AP8=", base64: true },
      { key: "json", value: '{"a":1}', metadata: { m: 1 }, expiration: NOW_SECONDS + 60 },
    ];
    expect(await namespaces.bulkUpdate(id, { ...account, body })).toEqual({
      successful_key_count: 3,
      unsuccessful_keys: [],
    });
    expect(await namespaces.bulkGet(id, { ...account, keys: ["text", "json"] })).toEqual({
      values: { text: "ü", json: '{"a":1}' },
    });
    expect(await namespaces.bulkGet(id, { ...account, keys: ["json"], type: "json" })).toEqual({
      values: { json: { a: 1 } },
    });
    const withMetadata = { ...account, keys: ["text", "json", "none"], withMetadata: true };
    expect(await namespaces.bulkGet(id, withMetadata)).toEqual({
      values: {
        text: { value: "ü", metadata: null },
        json: { value: '{"a":1}', metadata: { m: 1 }, expiration: NOW_SECONDS + 60 },
        none: null,
      },
    });
    expect(await namespaces.bulkDelete(id, { ...account, body: ["text", "json"] })).toEqual({
      successful_key_count: 2,
      unsuccessful_keys: [],
    });
    expect(await all(namespaces.keys.list(id, account))).toEqual([{ name: "bytes" }]);
  });

  test("report too much and too little", async () => {
    const { namespaces, id } = await withNamespace();
    const names = Array.from({ length: 10_001 }, (_, index) => String(index));
    const body = names.map((key) => ({ key, value: "v" }));
    const refused = { status: 400, codes: [10001] };
    expect(await sdkError(namespaces.bulkUpdate(id, { ...account, body }))).toEqual(refused);
    expect(await sdkError(namespaces.bulkDelete(id, { ...account, body: names }))).toEqual(refused);
    expect(await sdkError(namespaces.bulkGet(id, { ...account, keys: names.slice(0, 101) }))).toEqual(refused);
    expect(await sdkError(namespaces.bulkUpdate(UNKNOWN, { ...account, body: [] }))).toEqual(NAMESPACE_NOT_FOUND);
    expect(await sdkError(namespaces.bulkDelete(UNKNOWN, { ...account, body: [] }))).toEqual(NAMESPACE_NOT_FOUND);
    expect(await sdkError(namespaces.bulkGet(UNKNOWN, { ...account, keys: [] }))).toEqual(NAMESPACE_NOT_FOUND);
  });
});
