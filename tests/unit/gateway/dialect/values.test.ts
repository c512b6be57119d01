import { describe, expect, it } from "vitest";

import { handleMetadata as metadata, handleValue as value } from "../../../../src/gateway/dialect/values.ts";
import type { Entry } from "../../../../src/gateway/store.ts";
import { INVALID } from "../../../support/kv-outcomes.ts";
import { START } from "../../local-cloud/cloudflare/emulated-cloudflare.ts";
import { callOf, recordingStore, resultOf } from "./recording-store.ts";

const MEBIBYTE = 1024 * 1024;
const bytes = (text: string) => new TextEncoder().encode(text);
const holding = (entry: Partial<Entry>) =>
  recordingStore({
    get: () =>
      Promise.resolve({
        value: bytes("v"),
        metadata: undefined,
        expiration: undefined,
        version: undefined,
        ...entry,
      }),
    metadata: () => Promise.resolve({ metadata: entry.metadata }),
  });

function form(parts: Readonly<Record<string, string | Blob>>): FormData {
  const body = new FormData();
  for (const [name, part] of Object.entries(parts)) body.set(name, part);
  return body;
}

describe("the key of a value", () => {
  it.each([
    ["a%2Fb", "a/b"],
    ["%C3%BC%F0%9F%98%80", "ü😀"],
    ["a+b", "a+b"],
    ["a%2520b", "a%20b"],
    ["session:1!", "session:1!"],
  ])("%s is decoded once", async (rawKey, key) => {
    const { store, calls } = holding({});
    await value(callOf(store, "GET"), rawKey);
    await value(callOf(store, "DELETE"), rawKey);
    await metadata(callOf(store, "GET"), rawKey);
    expect(calls).toEqual([
      ["get", key],
      ["delete", key],
      ["metadata", key],
    ]);
  });

  it.each(["", ".", "%2e%2E", "%", "%zz", "%ff", "%ed%a0%80"])("is refused as %j", async (rawKey) => {
    const { store, calls } = recordingStore();
    for (const method of ["GET", "PUT", "DELETE"]) {
      await expect(value(callOf(store, method), rawKey)).rejects.toMatchObject(INVALID);
    }
    await expect(metadata(callOf(store, "GET"), rawKey)).rejects.toMatchObject(INVALID);
    expect(calls).toEqual([]);
  });

  it("has its limit after decoding", async () => {
    const { store } = recordingStore();
    await expect(value(callOf(store, "DELETE"), "%6B".repeat(512))).resolves.toMatchObject({ status: 200 });
    await expect(value(callOf(store, "DELETE"), "k".repeat(513))).rejects.toMatchObject({ status: 414, code: 10001 });
  });
});

describe("a value that is read", () => {
  it("comes as bytes, with what the store knows of its end and its version", async () => {
    const { store } = holding({ value: Uint8Array.of(0, 255), expiration: 1_800_000_000, version: "1".repeat(16) });
    const response = await value(callOf(store, "GET"), "k");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(Uint8Array.of(0, 255));
    expect(Object.fromEntries(response.headers)).toEqual({
      "content-type": "application/octet-stream",
      expiration: "1800000000",
      "kvshift-version": "1".repeat(16),
    });
  });

  it("has no headers for what the store does not know", async () => {
    const { store } = holding({});
    const response = await value(callOf(store, "GET"), "k");
    expect(Object.fromEntries(response.headers)).toEqual({ "content-type": "application/octet-stream" });
  });

  it("is passed on as a stream where it is one", async () => {
    const { store } = holding({ value: new Blob(["streamed"]).stream() });
    expect(await (await value(callOf(store, "GET"), "k")).text()).toBe("streamed");
  });

  it("is not found where there is none", async () => {
    const { store } = recordingStore();
    const refused = { status: 404, code: 10009 };
    await expect(value(callOf(store, "GET"), "k")).rejects.toMatchObject(refused);
    await expect(metadata(callOf(store, "GET"), "k")).rejects.toMatchObject(refused);
  });
});

describe("metadata that is read", () => {
  it.each([[{ a: 1 }], ["text"], [0], [false], [[]]])("is %j as it was written", async (content) => {
    const { store } = holding({ metadata: content });
    expect((await resultOf(metadata(callOf(store, "GET"), "k"))).result).toEqual(content);
  });

  it("is null where there is none", async () => {
    expect((await resultOf(metadata(callOf(holding({}).store, "GET"), "k"))).result).toBeNull();
  });
});

describe("a value that is written", () => {
  const NOTHING = { metadata: undefined, expiry: undefined };
  const writing = async (body: BodyInit | null, query = "", headers: Record<string, string> = {}) => {
    const { store, calls } = recordingStore();
    const { result } = await resultOf(value(callOf(store, "PUT", query, { body, headers }), "k"));
    expect(result).toBeNull();
    return calls;
  };

  it("is the whole body, whatever type it has", async () => {
    const put = [["put", { key: "k", value: bytes("text"), ...NOTHING }]];
    expect(await writing("text")).toEqual(put);
    expect(await writing("text", "", { "content-type": "application/json" })).toEqual(put);
    expect(await writing("text", "", { "content-type": "multipart/mixed; boundary=b" })).toEqual(put);
    expect(await writing(null)).toEqual([["put", { key: "k", value: new Uint8Array(), ...NOTHING }]]);
  });

  it.each([
    ["?expiration_ttl=60", { ttlSeconds: 60 }],
    [`?expiration=${START / 1000 + 60}`, { atSeconds: START / 1000 + 60 }],
    // As a float is written.
    ["?expiration_ttl=3600.0", { ttlSeconds: 3600 }],
    [`?expiration=${START / 1000 + 60}&expiration_ttl=90`, { ttlSeconds: 90 }],
  ])("ends with %s", async (query, expiry) => {
    expect(await writing("v", query)).toEqual([["put", { key: "k", value: bytes("v"), metadata: undefined, expiry }]]);
  });

  it.each([
    ["{}", {}],
    ['{"a":[1,null]}', { a: [1, null] }],
    ["0", 0],
    ['""', ""],
    // None at all.
    ["null", undefined],
  ])("has the metadata %j of its form", async (text, content) => {
    const put = ["put", { key: "k", value: bytes("v"), metadata: content, expiry: undefined }];
    expect(await writing(form({ value: "v", metadata: text }))).toEqual([put]);
  });

  it("may be a form without metadata", async () => {
    expect(await writing(form({ value: new Blob([Uint8Array.of(255)]) }))).toEqual([
      ["put", { key: "k", value: Uint8Array.of(255), ...NOTHING }],
    ]);
  });

  it("has metadata of 1,024 bytes at most, as they are sent and as they are stored", async () => {
    const stored = (text: string) => writing(form({ value: "v", metadata: text }));
    await expect(stored(JSON.stringify("m".repeat(1022)))).resolves.toHaveLength(1);
    await expect(stored(JSON.stringify("m".repeat(1023)))).rejects.toMatchObject({ status: 413, code: 10001 });
    await expect(stored(`[${" ".repeat(1022)}]`)).resolves.toHaveLength(1);
    await expect(stored(`[${" ".repeat(1023)}]`)).rejects.toMatchObject({ status: 413, code: 10001 });
    // A number is stored with all its digits.
    await expect(stored(`[${Array.from({ length: 100 }, () => "1e20").join(",")}]`)).rejects.toMatchObject({
      status: 413,
      code: 10001,
    });
  });

  it.each<[string, BodyInit, string]>([
    ["an end that is too early", "v", "?expiration_ttl=59"],
    ["an end that is no number", "v", "?expiration=soon"],
    ["a form without a value", form({ metadata: "{}" }), ""],
    ["metadata that is no JSON", form({ value: "v", metadata: "{" }), ""],
    ["metadata of nothing", form({ value: "v", metadata: "" }), ""],
    ["metadata that is no UTF-8", form({ value: "v", metadata: new Blob([Uint8Array.of(0x22, 0xff, 0x22)]) }), ""],
  ])("is refused with %s, and nothing is stored", async (_, body, query) => {
    const { store, calls } = recordingStore();
    await expect(value(callOf(store, "PUT", query, { body }), "k")).rejects.toMatchObject(INVALID);
    expect(calls).toEqual([]);
  });

  it("is 25 MiB at most, on its own and in a form", async () => {
    const { store, calls } = recordingStore();
    const body = new Uint8Array(25 * MEBIBYTE + 1);
    const tooLarge = { status: 413, code: 10001 };
    await expect(value(callOf(store, "PUT", "", { body }), "k")).rejects.toMatchObject(tooLarge);
    const inForm = { body: form({ value: new Blob([body]) }) };
    await expect(value(callOf(store, "PUT", "", inForm), "k")).rejects.toMatchObject(tooLarge);
    expect(calls).toEqual([]);
  });
});

it.each(["POST", "PATCH", "HEAD", "OPTIONS"])("%s is no method of a value", async (method) => {
  const { store, calls } = holding({});
  await expect(value(callOf(store, method), "k")).rejects.toMatchObject({ status: 405, code: 10405 });
  await expect(metadata(callOf(store, method), "k")).rejects.toMatchObject({ status: 405, code: 10405 });
  expect(calls).toEqual([]);
});

it("metadata is only read", async () => {
  const { store, calls } = holding({});
  for (const method of ["PUT", "DELETE"]) {
    await expect(metadata(callOf(store, method), "k")).rejects.toMatchObject({ status: 405, code: 10405 });
  }
  expect(calls).toEqual([]);
});
