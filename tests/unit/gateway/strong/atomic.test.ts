import { describe, expect, it } from "vitest";

import { answerTo } from "../../../../src/gateway/strong/atomic.ts";
import type { AtomicRequest, Stored } from "../../../../src/gateway/strong/protocol.ts";
import type { Expiry } from "../../../../src/gateway/store.ts";

const VERSION = "a".repeat(16);
const END = 60_000;
const WRITE = { key: "key", value: bytes("new"), metadata: '"m"', expiry: { ttlSeconds: 60 } } as const;

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function stored(value: string | Uint8Array): Stored {
  return {
    value: typeof value === "string" ? bytes(value) : value,
    metadata: '"old"',
    expiresAt: 5000,
    version: VERSION,
  };
}

function ask(request: AtomicRequest, current?: Stored) {
  return answerTo(request, current, (expiry: Expiry | undefined) => (expiry === undefined ? undefined : END));
}

function increment(by: number, current?: Stored) {
  return ask({ kind: "increment", key: "key", by, expiry: { ttlSeconds: 60 } }, current);
}

const REFUSED = {
  answer: { applied: false, version: VERSION, expiresAt: 5000, value: undefined, metadata: undefined },
};
const REFUSED_WITHOUT_ENTRY = { answer: { ...REFUSED.answer, version: undefined, expiresAt: undefined } };
const NEW_VERSION: unknown = expect.toSatisfy((version) => /^[0-9a-f]{16}$/.test(version) && version !== VERSION);
const WRITTEN = {
  result: {
    answer: { applied: true, version: NEW_VERSION, expiresAt: END, value: undefined, metadata: undefined },
  },
  change: { kind: "write", version: NEW_VERSION, value: WRITE.value, metadata: '"m"', expiresAt: END },
};

describe("put-if-absent", () => {
  it("writes where there is nothing", () => {
    expect(ask({ kind: "put-if-absent", ...WRITE })).toEqual(WRITTEN);
  });

  it("changes nothing where there is an entry, and tells its version and end", () => {
    expect(ask({ kind: "put-if-absent", ...WRITE }, stored("old"))).toEqual({ result: REFUSED });
  });
});

describe("put-if-unchanged", () => {
  it("writes over the version that it names", () => {
    expect(ask({ kind: "put-if-unchanged", ...WRITE, version: VERSION }, stored("old"))).toEqual(WRITTEN);
  });

  it("changes nothing where the version is another, or nothing is there", () => {
    const request = { kind: "put-if-unchanged", ...WRITE, version: "b".repeat(16) } as const;
    expect(ask(request, stored("old"))).toEqual({ result: REFUSED });
    expect(ask(request)).toEqual({ result: REFUSED_WITHOUT_ENTRY });
  });
});

describe("increment", () => {
  it.each([
    ["0", 1, 1],
    ["41", 1, 42],
    ["-3", 5, 2],
    ["10", -20, -10],
    ["9007199254740990", 1, Number.MAX_SAFE_INTEGER],
    ["-9007199254740990", -1, Number.MIN_SAFE_INTEGER],
  ])("adds to %s and %i: %i", (value, by, sum) => {
    const { result, change } = increment(by, stored(value));
    expect(result).toMatchObject({ answer: { applied: true, value: sum, version: NEW_VERSION } });
    expect(change).toMatchObject({ kind: "write", value: bytes(String(sum)) });
  });

  it("begins at 0 with the lifetime that it brings", () => {
    const { result, change } = increment(3);
    expect(result).toMatchObject({ answer: { value: 3, expiresAt: END } });
    expect(change).toMatchObject({ value: bytes("3"), metadata: undefined, expiresAt: END });
  });

  it("keeps the end and the metadata of an entry", () => {
    expect(increment(1, stored("1")).change).toMatchObject({ expiresAt: 5000, metadata: '"old"' });
  });

  it.each(["", "x", "1.5", "1e3", " 1", "+1", "0x10", "--1", "1".repeat(17)])("takes no %j for a number", (value) => {
    expect(increment(1, stored(value))).toEqual({ result: { failure: "not-a-number" } });
  });

  it.each([
    ["9007199254740991", 1],
    ["-9007199254740991", -1],
    ["9007199254740992", -1],
    ["1", Number.MAX_SAFE_INTEGER],
  ])("refuses to leave the exact whole numbers: %s and %i", (value, by) => {
    expect(increment(by, stored(value))).toEqual({ result: { failure: "out-of-range" } });
  });
});

describe("touch", () => {
  it("changes the end and nothing else", () => {
    const { result, change } = ask({ kind: "touch", key: "key", expiry: { ttlSeconds: 60 } }, stored("old"));
    expect(result).toMatchObject({ answer: { applied: true, expiresAt: END, version: NEW_VERSION } });
    expect(change).toEqual({ kind: "extend", version: NEW_VERSION, expiresAt: END });
  });

  it("takes the end away where it brings none", () => {
    const { change } = ask({ kind: "touch", key: "key", expiry: undefined }, stored("old"));
    expect(change).toEqual({ kind: "extend", version: NEW_VERSION, expiresAt: undefined });
  });

  it("makes no entry", () => {
    expect(ask({ kind: "touch", key: "key", expiry: undefined })).toEqual({ result: REFUSED_WITHOUT_ENTRY });
  });
});

describe("get-and-delete", () => {
  it("hands out the value as base64 with its metadata, and deletes", () => {
    const { result, change } = ask({ kind: "get-and-delete", key: "key" }, stored("old"));
    const answer = { applied: true, version: undefined, expiresAt: undefined, value: btoa("old"), metadata: '"old"' };
    expect(result).toEqual({ answer });
    expect(change).toEqual({ kind: "delete", version: NEW_VERSION });
  });

  it("has nothing to hand out where there is nothing", () => {
    expect(ask({ kind: "get-and-delete", key: "key" })).toEqual({ result: REFUSED_WITHOUT_ENTRY });
  });

  it("takes values of up to 1 MiB, and leaves a larger one", () => {
    const of = (size: number) => ask({ kind: "get-and-delete", key: "key" }, stored(new Uint8Array(size)));
    expect(of(1024 * 1024).change).toMatchObject({ kind: "delete" });
    expect(of(1024 * 1024 + 1)).toEqual({ result: { failure: "too-large" } });
  });
});

it("no two changes have the same version", () => {
  const versions = Array.from({ length: 1000 }, () => ask({ kind: "put-if-absent", ...WRITE }).change?.version);
  expect(new Set(versions).size).toBe(1000);
});
