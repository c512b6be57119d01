import { describe, expect, it } from "vitest";

import { ShardInMemory } from "../../../support/shard-in-memory.ts";

const START = Date.parse("2026-11-23T00:00:00.250Z");
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** For so long an operation is remembered with its key, and the row with it. */
const REMEMBERED = 30 * SECOND;
/** More than one row takes. */
const LARGE = new Uint8Array(2 * 1024 * 1024 + 1);

describe("an entry with a lifetime", () => {
  it.each([1, 2, 59, 60, 86_400])("of %i seconds lives to the millisecond, and no longer", async (ttlSeconds) => {
    const object = new ShardInMemory(START);
    object.put("key", "value", { ttlSeconds });
    object.now = START + ttlSeconds * SECOND - 1;
    expect(object.text("key")).toBe("value");
    expect(object.shard.getMany(["key"], 100).entries).toHaveLength(1);
    expect(object.listed()).toEqual(["key"]);
    object.now += 1;
    expect(object.text("key")).toBeUndefined();
    expect(object.shard.getMany(["key"], 100)).toEqual({ bytes: 0, entries: [] });
    expect(object.listed()).toEqual([]);
  });

  it("that is a point in time ends at the first millisecond of that second", () => {
    const object = new ShardInMemory(START);
    const atSeconds = Math.floor(START / SECOND) + 2;
    object.put("key", "value", { atSeconds });
    object.now = atSeconds * SECOND - 1;
    expect(object.text("key")).toBe("value");
    object.now += 1;
    expect(object.text("key")).toBeUndefined();
  });

  it("is absent for atomic operations from its last millisecond on", () => {
    const object = new ShardInMemory(START);
    object.put("key", "5", { ttlSeconds: 1 });
    const absent = { kind: "put-if-absent", key: "key", metadata: undefined, expiry: undefined } as const;
    object.now = START + SECOND - 1;
    expect(object.atomic({ ...absent, value: new Uint8Array() })).toMatchObject({ answer: { applied: false } });
    object.now += 1;
    expect(object.touch("key", { ttlSeconds: 1 })).toMatchObject({ answer: { applied: false } });
    expect(object.atomic({ kind: "get-and-delete", key: "key" })).toMatchObject({ answer: { applied: false } });
    const increment = { kind: "increment", key: "key", by: 1, expiry: undefined } as const;
    expect(object.atomic(increment)).toMatchObject({ answer: { applied: true, value: 1 } });
  });

  it("ends when the last write or touch says, and not at all where that says nothing", () => {
    const object = new ShardInMemory(START);
    object.put("touched", "value", { ttlSeconds: 10 });
    object.put("shortened", "value", { ttlSeconds: 10 });
    object.put("freed", "value", { ttlSeconds: 10 });
    object.put("replaced", "value", { ttlSeconds: 10 });
    object.now = START + 9 * SECOND;
    object.touch("touched", { ttlSeconds: 10 });
    object.touch("shortened", { atSeconds: Math.ceil(object.now / SECOND) });
    object.touch("freed");
    object.put("replaced", "other");
    object.now = START + 10 * SECOND;
    expect(object.listed()).toEqual(["freed", "replaced", "touched"]);
    object.now = START + 19 * SECOND - 1;
    expect(object.listed()).toEqual(["freed", "replaced", "touched"]);
    object.now += 1;
    expect(object.listed()).toEqual(["freed", "replaced"]);
    expect(object.text("freed")).toBe("value");
  });

  it("keeps its end where it is incremented", () => {
    const object = new ShardInMemory(START);
    const increment = { kind: "increment", key: "n", by: 1, expiry: { ttlSeconds: 5 } } as const;
    object.atomic(increment);
    object.now += 4 * SECOND;
    object.atomic(increment);
    expect(object.text("n")).toBe("2");
    object.now += SECOND;
    expect(object.text("n")).toBeUndefined();
  });
});

describe("rows of what has ended", () => {
  it("are removed by the alarm, with all parts of a large value, and those of living ones are not", async () => {
    const object = new ShardInMemory(START);
    object.put("small", "value", { ttlSeconds: 60 });
    object.put("large", LARGE, { ttlSeconds: 60 });
    object.put("living", LARGE, { ttlSeconds: 3600 });
    object.put("endless", LARGE);
    expect([object.rows("entries"), object.rows("parts")]).toEqual([4, 9]);
    await object.pass(MINUTE + REMEMBERED - 1);
    expect([object.rows("entries"), object.rows("parts")]).toEqual([4, 9]);
    await object.pass(1);
    expect([object.rows("entries"), object.rows("parts")]).toEqual([2, 6]);
    expect(object.listed()).toEqual(["endless", "living"]);
    await object.pass(HOUR + REMEMBERED);
    expect([object.rows("entries"), object.rows("parts")]).toEqual([1, 3]);
    expect(object.shard.get("endless")?.value).toEqual(LARGE);
  });

  it("are removed for deleted keys, whose values go at once", async () => {
    const object = new ShardInMemory(START);
    object.put("large", LARGE);
    object.delete("large");
    expect([object.rows("entries"), object.rows("parts")]).toEqual([1, 0]);
    await object.pass(MINUTE);
    expect(object.rows("entries")).toBe(0);
  });

  it("are all removed where there are more than one cleaning takes, within seconds", async () => {
    const object = new ShardInMemory(START);
    for (let index = 0; index < 1700; index += 1) object.put(`key-${index}`, "value", { ttlSeconds: 60 });
    object.put("living", "value");
    expect(await object.pass(MINUTE + REMEMBERED + 10 * SECOND)).toBe(4);
    expect(object.rows("entries")).toBe(1);
  });

  it("are removed after another restart, though what is written then ends much later", async () => {
    const object = new ShardInMemory(START);
    object.put("soon", "value", { ttlSeconds: 60 });
    await object.pass(SECOND);
    object.restart();
    object.put("late", "value", { ttlSeconds: 30 * 86_400 });
    await object.pass(2 * MINUTE);
    expect(object.rows("entries")).toBe(1);
  });

  it("are removed where an alarm is overdue when the next write comes", async () => {
    const object = new ShardInMemory(START);
    object.put("soon", "value", { ttlSeconds: 1 });
    await object.pass(SECOND);
    // The object was busy: its alarm has not rung in time.
    object.now += 5 * MINUTE;
    object.put("late", "value", { ttlSeconds: 30 * 86_400 });
    await object.pass(SECOND);
    expect(object.rows("entries")).toBe(1);
  });

  it("outlive every repetition of the write: it does not bring back what has ended", async () => {
    const object = new ShardInMemory(START);
    // Its alarm rings soon after the write below has ended.
    object.put("other", "value", { ttlSeconds: 30 });
    await object.pass(58 * SECOND);
    const operation = { id: object.newId(), isRepeat: false };
    object.write("key", "value", { ttlSeconds: 1 }, operation);
    expect(await object.pass(2 * SECOND)).toBe(1);
    expect(object.write("key", "value", { ttlSeconds: 1 }, { ...operation, isRepeat: true })).toBe("done");
    expect(object.text("key")).toBeUndefined();
  });

  it("outlive every repetition of a write that came before a delete", async () => {
    const object = new ShardInMemory(START);
    // Its alarm rings soon after the delete below.
    object.put("other", "value", { ttlSeconds: 30 });
    await object.pass(58 * SECOND);
    const operation = { id: object.newId(), isRepeat: false };
    object.write("key", "value", undefined, operation);
    object.delete("key");
    expect(await object.pass(REMEMBERED - 1)).toBe(1);
    expect(object.write("key", "value", undefined, { ...operation, isRepeat: true })).toBe("done");
    expect(object.text("key")).toBeUndefined();
  });
});

describe("the alarm", () => {
  it("is not set by writes without an end", async () => {
    const object = new ShardInMemory(START);
    object.put("key", "value");
    await object.pass(HOUR);
    expect(object.alarms).toEqual([]);
  });

  it("is set once for a thousand writes with the same lifetime", async () => {
    const object = new ShardInMemory(START);
    for (let index = 0; index < 1000; index += 1) {
      object.put(`key-${index % 10}`, "value", { ttlSeconds: 3600 });
      object.now += 10;
      if (index === 0) await object.pass(0);
    }
    expect(object.alarms).toHaveLength(1);
  });

  it("rings once a minute at most where entries end all the time", async () => {
    const object = new ShardInMemory(START);
    let rings = 0;
    for (let second = 0; second < 600; second += 1) {
      object.put(`key-${second}`, "value", { ttlSeconds: 1 });
      rings += await object.pass(SECOND);
    }
    expect(rings).toBeLessThanOrEqual(10);
    expect(rings).toBeGreaterThanOrEqual(5);
    await object.pass(5 * MINUTE);
    expect(object.rows("entries")).toBe(0);
  });

  it("is not set again when nothing is left to end", async () => {
    const object = new ShardInMemory(START);
    object.put("key", "value", { ttlSeconds: 1 });
    await object.pass(HOUR);
    expect(object.alarms).toHaveLength(1);
  });
});
