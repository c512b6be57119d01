import { describe, expect, it } from "vitest";

import { EventualStore } from "../../../src/gateway/eventual-store.ts";
import type { KvBinding } from "../../../src/core/kv-binding.ts";
import type { Pair } from "../../../src/gateway/store.ts";

const VALUE = Uint8Array.of(1);
const pair = (key: string, rest: Partial<Pair> = {}): Pair => ({
  key,
  value: VALUE,
  metadata: undefined,
  expiry: undefined,
  ...rest,
});

/** A binding that remembers how it was called and answers with `answer`, by default with nothing. */
function binding(answer: (method: string, ...args: unknown[]) => unknown = () => undefined) {
  const calls: unknown[][] = [];
  const call =
    (method: string) =>
    async (...args: unknown[]): Promise<unknown> => {
      calls.push([method, ...args]);
      await Promise.resolve();
      return answer(method, ...args);
    };
  const kv = Object.fromEntries(["getWithMetadata", "put", "delete", "list"].map((name) => [name, call(name)]));
  return { kv: kv as unknown as KvBinding, calls };
}

const failing = (message: string) =>
  binding(() => {
    throw new Error(message);
  }).kv;

describe("a value that a bulk get finds", () => {
  // The runtime decodes bytes that are no text, and puts U+FFFD where they were.
  const holding = (bytes: Uint8Array) =>
    binding((_, asked) =>
      Array.isArray(asked)
        ? new Map([["k", { value: new TextDecoder().decode(bytes), metadata: null }]])
        : { value: new Blob([Uint8Array.from(bytes)]).stream(), metadata: null },
    );

  it("is refused where it is no text, though the binding makes one of it", async () => {
    const store = new EventualStore(holding(Uint8Array.of(0x61, 0x80)).kv, undefined);
    await expect(store.getMany(["k"])).rejects.toMatchObject({ status: 400, code: 10001 });
  });

  it("is given where it is a text that holds U+FFFD itself, and costs a second call then alone", async () => {
    const marked = holding(new TextEncoder().encode("a\ufffd"));
    expect((await new EventualStore(marked.kv, undefined).getMany(["k"])).get("k")?.text).toBe("a\ufffd");
    const plain = holding(new TextEncoder().encode("a"));
    await new EventualStore(plain.kv, undefined).getMany(["k"]);
    expect([marked.calls.length, plain.calls.length]).toEqual([2, 1]);
  });
});

describe("what an eventual namespace asks of its binding", () => {
  it("is a stream of one value, from a cache for as long as it is configured", async () => {
    const found = { value: new ReadableStream(), metadata: { a: 1 } };
    const { kv, calls } = binding(() => found);
    expect(await new EventualStore(kv, 60).get("k")).toEqual({
      value: found.value,
      metadata: { a: 1 },
      expiration: undefined,
      version: undefined,
    });
    await new EventualStore(kv, undefined).get("k");
    expect(calls).toEqual([
      ["getWithMetadata", "k", { type: "stream", cacheTtl: 60 }],
      ["getWithMetadata", "k", { type: "stream" }],
    ]);
  });

  it("is nothing of a key that is not there", async () => {
    const { kv } = binding(() => ({ value: null, metadata: null }));
    expect(await new EventualStore(kv, 60).get("k")).toBeUndefined();
  });

  it.each([
    [{}, {}],
    [{ expiry: { ttlSeconds: 60 } }, { expirationTtl: 60 }],
    [{ expiry: { atSeconds: 2_000_000_000 } }, { expiration: 2_000_000_000 }],
    [{ metadata: { a: 1 } }, { metadata: { a: 1 } }],
    [
      { metadata: 0, expiry: { ttlSeconds: 60 } },
      { metadata: 0, expirationTtl: 60 },
    ],
  ])("is for a pair with %j a write with %j", async (rest, options) => {
    const { kv, calls } = binding();
    await new EventualStore(kv, 60).put(pair("k", rest));
    expect(calls).toEqual([["put", "k", VALUE, options]]);
  });

  it("is a page of keys, with a cursor only where there are more", async () => {
    const pages: Record<string, unknown> = {
      "": {
        keys: [
          { name: "a", metadata: null },
          { name: "b", expiration: 1, metadata: { m: 1 } },
        ],
        list_complete: false,
        cursor: "next",
      },
      next: { keys: [], list_complete: true, cursor: "ignored" },
    };
    const { kv, calls } = binding((_, options) => pages[(options as { cursor?: string }).cursor ?? ""]);
    const store = new EventualStore(kv, 60);
    expect(await store.list({ prefix: "", cursor: undefined, limit: 10 })).toEqual({
      keys: [{ name: "a" }, { name: "b", expiration: 1, metadata: { m: 1 } }],
      cursor: "next",
    });
    expect(await store.list({ prefix: "p", cursor: "next", limit: 10 })).toEqual({ keys: [], cursor: undefined });
    expect(calls).toEqual([
      ["list", { limit: 10 }],
      ["list", { limit: 10, prefix: "p", cursor: "next" }],
    ]);
  });

  it("is one call for many values, of which missing ones are left out however the binding says so", async () => {
    const found = new Map<string, unknown>([
      ["a", { value: "1", metadata: null }],
      ["b", { value: "", metadata: { m: 1 } }],
      ["c", { value: null, metadata: null }],
      ["d", null],
    ]);
    const { kv, calls } = binding(() => found);
    const entries = await new EventualStore(kv, 60).getMany(["a", "b", "c", "d"]);
    expect([...entries]).toEqual([
      ["a", { text: "1", metadata: undefined, expiration: undefined }],
      ["b", { text: "", metadata: { m: 1 }, expiration: undefined }],
    ]);
    expect(calls).toEqual([["getWithMetadata", ["a", "b", "c", "d"], { type: "text", cacheTtl: 60 }]]);
  });
});

describe("what the binding of an eventual namespace fails with", () => {
  it.each([
    ["KV PUT failed: 429 Too Many Requests", 429, 10048, 1],
    ["KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400.", 413, 10001, undefined],
    ["KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.", 414, 10001, undefined],
    ["KV GET_BULK failed: 400 not a text", 400, 10001, undefined],
    ["KV GET failed: 500 Internal Server Error", 503, 10002, 1],
    ["KV GET failed: 401 Unauthorized", 503, 10002, 1],
    ["Network connection lost.", 503, 10002, 1],
  ])("as %j is answered with %i", async (message, status, code, retryAfter) => {
    const store = new EventualStore(failing(message), 60);
    const refused = { status, code, retryAfter };
    await expect(store.get("k")).rejects.toMatchObject(refused);
    await expect(store.put(pair("k"))).rejects.toMatchObject(refused);
    await expect(store.delete("k")).rejects.toMatchObject(refused);
    await expect(store.list({ prefix: "", cursor: undefined, limit: 10 })).rejects.toMatchObject(refused);
    await expect(store.getMany(["k"])).rejects.toMatchObject(refused);
  });

  it("is told only where it says what the caller did wrong", async () => {
    const of = (message: string) => new EventualStore(failing(message), 60).get("k");
    await expect(of("KV GET failed: 400 Invalid key")).rejects.toThrow(/^Invalid key$/);
    await expect(of("KV GET failed: 500 at storage-7")).rejects.toThrow(/^Workers KV did not answer\.$/);
    await expect(of("connection to 10.1.2.3 lost")).rejects.toThrow(/^Workers KV did not answer\.$/);
  });
});

describe("many writes to an eventual namespace", () => {
  const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);

  it("are one call each, six at once", async () => {
    let [running, most] = [0, 0];
    const { kv, calls } = binding(async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
    });
    const budget = { left: 100 };
    expect(
      await new EventualStore(kv, 60).putMany(
        keys.map((key) => pair(key)),
        budget,
      ),
    ).toEqual([]);
    expect({ most, calls: calls.map(([, key]) => key), left: budget.left }).toEqual({ most: 6, calls: keys, left: 80 });
  });

  it("name those that failed, and go on with the rest", async () => {
    const { kv, calls } = binding((_, key) => {
      if (key === "k3" || key === "k7") throw new Error("KV DELETE failed: 429 Too Many Requests");
    });
    expect(await new EventualStore(kv, 60).deleteMany(keys, { left: 100 })).toEqual(["k3", "k7"]);
    expect(calls).toHaveLength(20);
  });

  it("stop where the budget ends and name the rest", async () => {
    const { kv, calls } = binding();
    const budget = { left: 15 };
    const store = new EventualStore(kv, 60);
    expect(await store.deleteMany(keys, budget)).toEqual(keys.slice(15));
    expect(await store.putMany([pair("x")], budget)).toEqual(["x"]);
    expect({ calls: calls.length, left: budget.left }).toEqual({ calls: 15, left: 0 });
  });
});
