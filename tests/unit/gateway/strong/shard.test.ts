import { beforeEach, describe, expect, it } from "vitest";

import type { Write } from "../../../../src/gateway/strong/protocol.ts";
import { ShardInMemory } from "../../../support/shard-in-memory.ts";

const START = Date.parse("2026-11-23T00:00:00.000Z");

let object: ShardInMemory;

beforeEach(() => {
  object = new ShardInMemory(START);
});

function writeOf(key: string, value: string | number): Write {
  const bytes = typeof value === "number" ? new Uint8Array(value) : new TextEncoder().encode(value);
  return { key, value: bytes, metadata: undefined, expiry: undefined };
}

/** A first attempt whose answer is lost, and its repetition. */
function operation() {
  const id = object.newId();
  return { first: { id, isRepeat: false }, repeat: { id, isRepeat: true } };
}

describe("a repeated write", () => {
  it("does what the first attempt has not done", () => {
    const { repeat } = operation();
    expect(object.shard.put(writeOf("key", "value"), repeat)).toBe("done");
    expect(object.text("key")).toBe("value");
  });

  it.each(["put", "putMany", "large put"])("does not undo what came after the first attempt: %s", (kind) => {
    const { first, repeat } = operation();
    const write = writeOf("key", kind === "large put" ? 2 * 1024 * 1024 : "old");
    const attempt = (one: typeof first) =>
      kind === "putMany" ? object.shard.putMany([write], one) : object.shard.put(write, one);
    attempt(first);
    object.put("key", "new");
    expect(attempt(repeat)).toBe("done");
    expect(object.text("key")).toBe("new");
    object.delete("key");
    expect(attempt(repeat)).toBe("done");
    expect(object.text("key")).toBeUndefined();
  });

  it.each(["delete", "deleteMany"] as const)("that deletes does not take away what came after it: %s", (kind) => {
    object.put("key", "old");
    const { first, repeat } = operation();
    const attempt = (one: typeof first) =>
      kind === "delete" ? object.shard.delete("key", one) : object.shard.deleteMany(["key"], one);
    attempt(first);
    object.put("key", "new");
    expect(attempt(repeat)).toBe("done");
    expect(object.text("key")).toBe("new");
  });

  it("is not undone by an atomic operation that comes in between", () => {
    const { first, repeat } = operation();
    object.shard.put(writeOf("n", "1"), first);
    object.atomic({ kind: "increment", key: "n", by: 1, expiry: undefined });
    object.touch("n", { ttlSeconds: 60 });
    expect(object.shard.put(writeOf("n", "1"), repeat)).toBe("done");
    expect(object.text("n")).toBe("2");
    object.atomic({ kind: "get-and-delete", key: "n" });
    expect(object.shard.put(writeOf("n", "1"), repeat)).toBe("done");
    expect(object.text("n")).toBeUndefined();
  });

  it("is not sure, and does nothing, where so many others came after it that it may be forgotten", () => {
    const { first, repeat } = operation();
    object.shard.put(writeOf("key", "old"), first);
    for (let index = 0; index < 16; index += 1) object.put("key", `new ${index}`);
    expect(object.shard.put(writeOf("key", "old"), repeat)).toBe("unknown");
    expect(object.shard.delete("key", repeat)).toBe("unknown");
    expect(object.shard.putMany([writeOf("other", "value"), writeOf("key", "old")], repeat)).toBe("unknown");
    expect(object.text("key")).toBe("new 15");
  });

  it("of several keys does those that the first attempt has not done, and leaves the others", () => {
    const { first, repeat } = operation();
    object.shard.put(writeOf("done", "old"), first);
    object.put("done", "new");
    expect(object.shard.putMany([writeOf("done", "old"), writeOf("open", "old")], repeat)).toBe("done");
    expect([object.text("done"), object.text("open")]).toEqual(["new", "old"]);
  });

  it("of two values for one key writes the last", () => {
    const { repeat } = operation();
    object.shard.putMany([writeOf("key", "first"), writeOf("key", "last")], repeat);
    expect(object.text("key")).toBe("last");
  });
});

describe("writes of several keys", () => {
  it("are done together or not at all", () => {
    object.put("a", "old");
    const { first } = operation();
    const unstorable = { ...writeOf("c", "new"), metadata: Symbol("no text") as unknown as string };
    expect(() => object.shard.putMany([writeOf("a", "new"), writeOf("b", "new"), unstorable], first)).toThrow(
      "cannot be bound",
    );
    expect([object.text("a"), object.text("b"), object.text("c")]).toEqual(["old", undefined, undefined]);
  });
});

describe("a repeated atomic operation", () => {
  it("gets the first answer and changes nothing, also after a restart", () => {
    const request = { kind: "increment", key: "n", by: 1, expiry: undefined } as const;
    const answer = object.shard.atomic(request, "operation-1");
    object.restart();
    expect(object.shard.atomic(request, "operation-1")).toEqual(answer);
    expect(object.text("n")).toBe("1");
  });

  it("hands out what it took, though nothing is there any more", () => {
    object.put("key", "value");
    const take = { kind: "get-and-delete", key: "key" } as const;
    const answer = object.shard.atomic(take, "operation-1");
    expect(answer).toMatchObject({ answer: { applied: true, value: btoa("value") } });
    expect(object.shard.atomic(take, "operation-1")).toEqual(answer);
    expect(object.shard.atomic(take, "operation-2")).toMatchObject({ answer: { applied: false } });
  });

  it("stays refused though it would be applied now", () => {
    object.put("lock", "other");
    const lock = { kind: "put-if-absent", ...writeOf("lock", "me") } as const;
    expect(object.shard.atomic(lock, "operation-1")).toMatchObject({ answer: { applied: false } });
    object.delete("lock");
    expect(object.shard.atomic(lock, "operation-1")).toMatchObject({ answer: { applied: false } });
    expect(object.text("lock")).toBeUndefined();
  });

  it("with another value of the same length is refused: two never hold one lock", () => {
    const lock = (holder: string) => ({ kind: "put-if-absent", ...writeOf("lock", holder) }) as const;
    expect(object.shard.atomic(lock("worker-1"), "lock-of-job")).toMatchObject({ answer: { applied: true } });
    expect(object.shard.atomic(lock("worker-2"), "lock-of-job")).toEqual({ failure: "other-request" });
  });

  it("is tried again where it failed: that changed nothing", () => {
    object.put("n", "text");
    const request = { kind: "increment", key: "n", by: 1, expiry: undefined } as const;
    expect(object.shard.atomic(request, "operation-1")).toEqual({ failure: "not-a-number" });
    object.put("n", "1");
    expect(object.shard.atomic(request, "operation-1")).toMatchObject({ answer: { value: 2 } });
  });
});

describe("a version", () => {
  it("changes with every write and touch, and with nothing else", () => {
    const versions: (string | undefined)[] = [];
    const note = () => versions.push(object.shard.get("n")?.version);
    object.put("n", "1");
    note();
    note();
    object.put("n", "1");
    note();
    object.touch("n");
    note();
    object.atomic({ kind: "increment", key: "n", by: 1, expiry: undefined });
    note();
    object.delete("n");
    object.put("n", "1");
    note();
    expect(versions[0]).toBe(versions[1]);
    expect(new Set(versions.slice(1)).size).toBe(5);
  });
});

it("a delete of what is not there leaves no row", () => {
  object.delete("key");
  expect(object.rows("entries")).toBe(0);
});
