import { describe, expect, it } from "vitest";

import {
  handleBulk as bulk,
  handleBulkDelete as bulkDelete,
  handleBulkGet as bulkGet,
} from "../../../../src/gateway/dialect/bulk.ts";
import { invalid } from "../../../../src/gateway/envelope.ts";
import type { NamespaceStore, TextEntry } from "../../../../src/gateway/store.ts";
import { INVALID } from "../../../support/kv-outcomes.ts";
import { START } from "../../local-cloud/cloudflare/emulated-cloudflare.ts";
import { callOf, OPERATION_ID, recordingStore, resultOf } from "./recording-store.ts";

const MEBIBYTE = 1024 * 1024;
const bytes = (text: string) => new TextEncoder().encode(text);
const put = (store: NamespaceStore, pairs: unknown) => bulk(callOf(store, "PUT", "", { body: JSON.stringify(pairs) }));
const get = (store: NamespaceStore, body: unknown) =>
  bulkGet(callOf(store, "POST", "", { body: JSON.stringify(body) }));

const OPERATION = { id: OPERATION_ID, isRepeat: false };

describe("a bulk of pairs", () => {
  it("is written with all that a pair may say", async () => {
    const { store, calls } = recordingStore();
    const answer = put(store, [
      { key: "text", value: "ü" },
      { key: "bytes", value: "AP8=", base64: true },
      { key: "ttl", value: "", base64: false, metadata: { m: 1 }, expiration_ttl: 60 },
      { key: "at", value: "v", metadata: 0, expiration: START / 1000 + 60 },
      // As clients write what they do not have.
      { key: "nulls", value: "v", metadata: null, expiration: null, expiration_ttl: null, other: 1 },
    ]);
    expect((await resultOf(answer)).result).toEqual({ successful_key_count: 5, unsuccessful_keys: [] });
    const none = { metadata: undefined, expiry: undefined };
    expect(calls).toEqual([
      [
        "putMany",
        [
          { key: "text", value: bytes("ü"), ...none },
          { key: "bytes", value: Uint8Array.of(0, 255), ...none },
          { key: "ttl", value: bytes(""), metadata: { m: 1 }, expiry: { ttlSeconds: 60 } },
          { key: "at", value: bytes("v"), metadata: 0, expiry: { atSeconds: START / 1000 + 60 } },
          { key: "nulls", value: bytes("v"), ...none },
        ],
        { left: 980 },
        OPERATION,
      ],
    ]);
  });

  it.each([
    ["text", INVALID],
    [null, INVALID],
    [[], INVALID],
    [{ value: "v" }, INVALID],
    [{ key: "k" }, INVALID],
    [{ key: 1, value: "v" }, INVALID],
    [{ key: "k", value: 1 }, INVALID],
    [{ key: "k", value: "AP8=", base64: "true" }, INVALID],
    [{ key: "k", value: "*", base64: true }, INVALID],
    [{ key: "", value: "v" }, INVALID],
    [
      { key: "k".repeat(513), value: "v" },
      { status: 414, code: 10001 },
    ],
    [{ key: "k", value: "v", expiration_ttl: "60" }, INVALID],
    [{ key: "k", value: "v", expiration_ttl: 59 }, INVALID],
    [{ key: "k", value: "v", expiration: START / 1000 + 59 }, INVALID],
    [
      { key: "k", value: "v", metadata: "m".repeat(1023) },
      { status: 413, code: 10001 },
    ],
  ])("takes nothing with %j among them", async (pair, refused) => {
    const { store, calls } = recordingStore();
    await expect(put(store, [{ key: "good", value: "v" }, pair])).rejects.toMatchObject(refused);
    expect(calls).toEqual([]);
  });

  it.each([
    [{ key: "second", value: 1 }, /^Item 1, "second": key and value/],
    [{ value: "v" }, /^Item 1: key and value/],
    [{ key: "k".repeat(513), value: "v" }, /^Item 1, "k{100}": UTF-8/],
  ])("says of %j which one it is", async (pair, message) => {
    const { store } = recordingStore();
    await expect(put(store, [{ key: "good", value: "v" }, pair])).rejects.toThrow(message);
  });

  it("counts the last of several with one key", async () => {
    const { store, calls } = recordingStore();
    const pairs = ["1", "2", "3"].map((value) => ({ key: "k", value }));
    expect((await resultOf(put(store, pairs))).result).toEqual({ successful_key_count: 3, unsuccessful_keys: [] });
    expect(calls).toMatchObject([["putMany", [{ key: "k", value: bytes("3") }], { left: 980 }, OPERATION]]);
  });

  it("is no success where keys failed three times, and names them", async () => {
    const { store, calls } = recordingStore({ putMany: () => Promise.resolve(["b"]) });
    const pairs = ["a", "b", "c"].map((key) => ({ key, value: "v" }));
    const response = await put(store, pairs);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await response.json()).toMatchObject({
      success: false,
      errors: [{ code: 10002, message: "1 of 3 keys failed." }],
      result: { successful_key_count: 2, unsuccessful_keys: ["b"] },
    });
    // The same operation again, with what is left: an object that has done it does not do it twice.
    const again = { ...OPERATION, isRepeat: true };
    expect(
      calls.map(([, batch, , operation]) => [(batch as { key: string }[]).map(({ key }) => key), operation]),
    ).toEqual([
      [["a", "b", "c"], OPERATION],
      [["b"], again],
      [["b"], again],
    ]);
  });

  it("is a success where what failed at first succeeds then", async () => {
    let attempts = 0;
    const { store } = recordingStore({ putMany: () => Promise.resolve((attempts += 1) === 1 ? ["b"] : []) });
    const pairs = ["a", "b", "c"].map((key) => ({ key, value: "v" }));
    expect((await resultOf(put(store, pairs))).result).toEqual({ successful_key_count: 3, unsuccessful_keys: [] });
  });

  it("is written in batches of 8 MiB, in order, all on one budget", async () => {
    const budgets: unknown[] = [];
    const { store, calls } = recordingStore({
      putMany: ([first], budget) => {
        budgets.push(budget);
        budget.left -= first === undefined ? 0 : 1;
        return Promise.resolve([]);
      },
    });
    const pairs = ["a", "b", "c", "d"].map((key) => ({ key, value: "v".repeat(3 * MEBIBYTE) }));
    expect((await resultOf(put(store, pairs))).result).toEqual({ successful_key_count: 4, unsuccessful_keys: [] });
    expect(calls.map(([, batch, budget]) => [(batch as { key: string }[]).map(({ key }) => key), budget])).toEqual([
      [["a", "b"], { left: 980 }],
      [["c", "d"], { left: 979 }],
    ]);
    expect(new Set(budgets).size).toBe(1);
  });

  it("has written the batches before a pair that is refused, and none behind", async () => {
    const { store, calls } = recordingStore();
    const pairs = ["a", "b", "c"].map((key) => ({ key, value: "v".repeat(4 * MEBIBYTE) }));
    await expect(put(store, [...pairs, null, { key: "d", value: "v" }])).rejects.toMatchObject(INVALID);
    expect(calls.map(([, batch]) => (batch as { key: string }[]).map(({ key }) => key))).toEqual([["a"], ["b"]]);
  });

  it("may be empty and asks the store for nothing then", async () => {
    const { store, calls } = recordingStore();
    expect((await resultOf(put(store, []))).result).toEqual({ successful_key_count: 0, unsuccessful_keys: [] });
    expect(calls).toEqual([]);
  });

  it("has 10,000 pairs at most", async () => {
    const pairs = Array.from({ length: 10_001 }, (_, index) => ({ key: `k${index}`, value: "v" }));
    await expect(put(recordingStore().store, pairs)).rejects.toMatchObject(INVALID);
    const { store } = recordingStore({ callsFor: () => 1 });
    await expect(put(store, pairs.slice(1))).resolves.toMatchObject({ status: 200 });
  });

  it("passes on what the store refuses", async () => {
    const { store } = recordingStore({ putMany: () => Promise.reject(invalid("No.")) });
    await expect(put(store, [{ key: "k", value: "v" }])).rejects.toThrow(/^No\.$/);
  });
});

describe("a bulk of keys", () => {
  const body = JSON.stringify(["a", "b", "a"]);

  it("is deleted, by the path of today and by the one that Cloudflare has deprecated", async () => {
    for (const answer of [
      (store: NamespaceStore) => bulkDelete(callOf(store, "POST", "", { body })),
      (store: NamespaceStore) => bulk(callOf(store, "DELETE", "", { body })),
    ]) {
      const { store, calls } = recordingStore();
      expect((await resultOf(answer(store))).result).toEqual({ successful_key_count: 3, unsuccessful_keys: [] });
      expect(calls).toEqual([["deleteMany", ["a", "b"], { left: 980 }, OPERATION]]);
      const failing = recordingStore({ deleteMany: () => Promise.resolve(["b"]) });
      expect(await (await answer(failing.store)).json()).toMatchObject({
        success: false,
        result: { successful_key_count: 2, unsuccessful_keys: ["b"] },
      });
    }
  });

  it.each([1, null, { name: "k" }, "", ".."])("takes nothing with %j among them", async (key) => {
    const { store, calls } = recordingStore();
    const call = callOf(store, "POST", "", { body: JSON.stringify(["good", key]) });
    await expect(bulkDelete(call)).rejects.toMatchObject(INVALID);
    expect(calls).toEqual([]);
  });
});

describe("a bulk that is read", () => {
  const entries = (texts: Readonly<Record<string, string>>, rest: Partial<TextEntry> = {}) =>
    recordingStore({
      getMany: () =>
        Promise.resolve(
          new Map(
            Object.entries(texts).map(([key, text]) => [
              key,
              { text, metadata: undefined, expiration: undefined, ...rest },
            ]),
          ),
        ),
    });

  it("has the text of each key, and null where there is none", async () => {
    const { store, calls } = entries({ a: "1", b: "" });
    expect((await resultOf(get(store, { keys: ["b", "a", "none", "a"] }))).result).toEqual({
      values: { b: "", a: "1", none: null },
    });
    expect(calls).toEqual([["getMany", ["b", "a", "none"]]]);
  });

  it("has JSON where that is asked for, and refuses a value that is none", async () => {
    const { store } = entries({ a: '{"n":[1]}', b: "null" });
    expect((await resultOf(get(store, { keys: ["a", "b"], type: "json" }))).result).toEqual({
      values: { a: { n: [1] }, b: null },
    });
    await expect(get(entries({ a: "{" }).store, { keys: ["a"], type: "json" })).rejects.toMatchObject(INVALID);
  });

  it("has metadata and the end where they are asked for and known", async () => {
    const { store } = entries({ a: "1" }, { metadata: { m: 1 }, expiration: 1_800_000_000 });
    const body = { keys: ["a", "none"], withMetadata: true };
    expect((await resultOf(get(store, body))).result).toEqual({
      values: { a: { value: "1", metadata: { m: 1 }, expiration: 1_800_000_000 }, none: null },
    });
    expect((await resultOf(get(entries({ a: "1" }).store, { ...body, type: "json" }))).result).toEqual({
      values: { a: { value: 1, metadata: null }, none: null },
    });
  });

  it("may have keys that objects have by themselves", async () => {
    const { store } = entries({ constructor: "1", toString: "2" });
    const response = await get(store, { keys: ["__proto__", "constructor", "toString"] });
    const text = await response.text();
    expect(text).toContain('"values":{"__proto__":null,"constructor":"1","toString":"2"}');
  });

  it.each([
    [[]],
    [{}],
    [{ keys: "k" }],
    [{ keys: [1] }],
    [{ keys: [""] }],
    [{ keys: ["k"], type: "bytes" }],
    [{ keys: ["k"], type: null }],
    [{ keys: ["k"], withMetadata: "true" }],
    [{ keys: Array.from({ length: 101 }, (_, index) => `k${index}`) }],
  ])("is refused as %j", async (body) => {
    const { store, calls } = recordingStore();
    await expect(get(store, body)).rejects.toMatchObject(INVALID);
    expect(calls).toEqual([]);
  });

  it("takes 100 keys, and none without asking the store", async () => {
    const { store, calls } = recordingStore();
    const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
    await expect(get(store, { keys })).resolves.toMatchObject({ status: 200 });
    expect((await resultOf(get(store, { keys: [] }))).result).toEqual({ values: {} });
    expect(calls).toEqual([["getMany", keys]]);
  });

  it("is 25 MiB of values at most", async () => {
    const half = "v".repeat(12.5 * MEBIBYTE);
    const two = { keys: ["a", "b"] };
    await expect(get(entries({ a: half, b: half }).store, two)).resolves.toMatchObject({ status: 200 });
    const refused = { status: 413, code: 10001 };
    await expect(get(entries({ a: half, b: `${half}v` }).store, two)).rejects.toMatchObject(refused);
    // Bytes count, of which such a character has two.
    await expect(get(entries({ a: "ü".repeat(13 * MEBIBYTE) }).store, two)).rejects.toMatchObject(refused);
  });
});

it.each(["GET", "POST", "PATCH"])("%s is no method of a bulk", async (method) => {
  await expect(bulk(callOf(recordingStore().store, method))).rejects.toMatchObject({ status: 405, code: 10405 });
});

it.each(["GET", "PUT", "PATCH"])("%s is no method of a bulk that is read or deleted", async (method) => {
  const refused = { status: 405, code: 10405 };
  await expect(bulkDelete(callOf(recordingStore().store, method))).rejects.toMatchObject(refused);
  await expect(bulkGet(callOf(recordingStore().store, method))).rejects.toMatchObject(refused);
});
