import { describe, expect, it } from "vitest";

import { PROPAGATION_MS, SEEDS, simulate } from "./simulated-network.ts";

const encoder = new TextEncoder();

describe("a write of the simulated KV", () => {
  it("is seen elsewhere after its propagation, and not a millisecond before", async () => {
    for (const [wait, seen] of [
      [PROPAGATION_MS - 1, null],
      [PROPAGATION_MS, "v"],
    ] as const) {
      const { clock, read, write } = simulate();
      await write("ams", "k", "v");
      clock.advance(wait);
      expect(await read("sin", "k")).toBe(seen);
    }
  });

  it("takes a time of its own to each location, within the bounds", async () => {
    const propagation = { minMs: 100, maxMs: 300 };
    const locations = ["ams", ...Array.from({ length: 40 }, (_, index) => `far-${index}`)];
    // Which locations see it after `wait` milliseconds.
    const seenAfter = async (wait: number) => {
      const { clock, read, write } = simulate({ locations, propagation });
      await write("ams", "k", "v");
      clock.advance(wait);
      const values = await Promise.all(locations.map((location) => read(location, "k")));
      return values.filter((value) => value === "v").length;
    };
    expect(await seenAfter(99)).toBe(1);
    const halfway = await seenAfter(200);
    expect(halfway).toBeGreaterThan(5);
    expect(halfway).toBeLessThan(35);
    expect(await seenAfter(300)).toBe(41);
  });

  it("leaves what readers elsewhere see until one of the writes after that arrives", async () => {
    for (const [wait, seen] of [
      [PROPAGATION_MS - 1, "0"],
      [PROPAGATION_MS, "1"],
      [PROPAGATION_MS + 1999, "2"],
      [PROPAGATION_MS + 2000, "3"],
    ] as const) {
      const { clock, read, write } = simulate();
      await write("ams", "k", "0");
      clock.advance(60_000);
      for (const value of ["1", "2", "3"]) {
        await write("ams", "k", value);
        clock.advance(1000);
      }
      clock.advance(wait - 3000);
      expect(await read("sin", "k")).toBe(seen);
    }
  });

  it("wins over those that were accepted before it, whichever arrives first", async () => {
    for (const seed of SEEDS) {
      const { clock, read, write } = simulate({
        seed,
        locations: ["ams", "sin", "lax"],
        propagation: { minMs: 0, maxMs: 60_000 },
      });
      await write("ams", "k", "first");
      clock.advance(1000);
      await write("sin", "k", "second");
      // Copies would hide what the central store has: each look is at a time when there is none.
      const looks = [];
      for (let look = 0; look < 5; look += 1) {
        looks.push(await read("lax", "k", 30));
        clock.advance(30_000);
      }
      const rank = looks.map((value) => [null, "first", "second"].indexOf(value));
      expect(rank).toEqual(rank.toSorted((a, b) => a - b));
      expect(looks.at(-1)).toBe("second");
    }
  });

  it("replaces expiration and metadata with the value", async () => {
    const { clock, kv, write } = simulate();
    await write("ams", "k", "1", { expirationTtl: 60, metadata: { n: 1 } });
    clock.advance(1000);
    await write("ams", "k", "2");
    clock.advance(60_000);
    expect((await kv.at("ams").list({})).keys).toEqual([{ name: "k" }]);
    const { metadata } = await kv.at("ams").getWithMetadata("k", { type: "stream" });
    expect(metadata).toBeNull();
  });

  it("is refused within a second of the last one to its key, from any location", async () => {
    const { clock, read, write, remove } = simulate();
    const refusal = { name: "Error", message: "KV PUT failed: 429 Too Many Requests" };
    await write("ams", "k", "1");
    clock.advance(999);
    await expect(write("ams", "k", "2")).rejects.toMatchObject(refusal);
    await expect(write("sin", "k", "2")).rejects.toMatchObject(refusal);
    await expect(remove("sin", "k")).rejects.toMatchObject({ message: "KV DELETE failed: 429 Too Many Requests" });
    await write("sin", "other", "2");
    expect(await read("ams", "k")).toBe("1");
    // What was refused does not count.
    clock.advance(1);
    await write("ams", "k", "3");
    expect(await read("ams", "k")).toBe("3");
  });

  it("is accepted once of many at a time", async () => {
    const { write } = simulate();
    const outcomes = await Promise.allSettled(SEEDS.map((value) => write("ams", "k", value)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("is accepted when its stream has been read whole", async () => {
    const { clock, kv, read, write } = simulate();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const put = kv.at("ams").put("k", readable, {});
    const writer = writable.getWriter();
    await writer.write(encoder.encode("first half, "));
    expect(await read("ams", "k")).toBeNull();
    await write("sin", "k", "overtakes");
    clock.advance(1000);
    await writer.write(encoder.encode("second half"));
    await writer.close();
    await put;
    expect(await read("ams", "k")).toBe("first half, second half");
    clock.advance(60_000);
    expect(await read("sin", "k")).toBe("first half, second half");
  });

  it("leaves what was there where its stream fails", async () => {
    const { clock, kv, read, write } = simulate();
    await write("ams", "k", "old");
    clock.advance(1000);
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(encoder.encode("half"));
      },
      pull: (controller) => {
        controller.error(new Error("the connection is gone"));
      },
    });
    await expect(kv.at("ams").put("k", broken, {})).rejects.toThrow("the connection is gone");
    expect(await read("ams", "k")).toBe("old");
    // Nor does it count as a write.
    await write("ams", "k", "new");
  });
});

describe("a delete of the simulated KV", () => {
  it("is seen elsewhere when the copy there is old enough", async () => {
    const { clock, read, write, remove } = simulate();
    await write("ams", "k", "v");
    clock.advance(PROPAGATION_MS);
    await read("sin", "k");
    await remove("ams", "k");
    clock.advance(59_999);
    expect([await read("ams", "k"), await read("sin", "k")]).toEqual([null, "v"]);
    clock.advance(1);
    expect(await read("sin", "k")).toBeNull();
  });

  it("is seen elsewhere after its propagation where there is no copy", async () => {
    const { clock, read, write, remove } = simulate();
    await write("ams", "k", "v");
    clock.advance(60_000);
    await remove("ams", "k");
    clock.advance(PROPAGATION_MS);
    expect(await read("sin", "k")).toBeNull();
  });

  it("succeeds for a key that does not exist", async () => {
    const { names, remove } = simulate();
    await expect(remove("ams", "k")).resolves.toBeUndefined();
    expect(await names("ams")).toEqual([]);
  });

  it("counts as a write of its key", async () => {
    const { clock, write, remove } = simulate();
    await remove("ams", "k");
    clock.advance(999);
    await expect(write("ams", "k", "v")).rejects.toThrow("KV PUT failed: 429 Too Many Requests");
    clock.advance(1);
    await write("ams", "k", "v");
  });
});
