import { describe, expect, it } from "vitest";

import { PROPAGATION_MS, SEEDS, simulate } from "./simulated-network.ts";

/** "old" is read everywhere and no longer cached anywhere. */
async function withOldValue(seed?: string) {
  const network = simulate(seed === undefined ? {} : { seed });
  await network.write("ams", "k", "old");
  network.clock.advance(120_000);
  return network;
}

describe("a read of the simulated KV", () => {
  it("is answered from the location's copy until the copy is 60 seconds old", async () => {
    const { clock, read, write } = await withOldValue();
    expect(await read("sin", "k")).toBe("old");
    await write("ams", "k", "new");
    clock.advance(59_999);
    expect(await read("sin", "k")).toBe("old");
    clock.advance(1);
    expect(await read("sin", "k")).toBe("new");
  });

  it("is answered from the copy for as long as a cacheTtl says, from 30 seconds on", async () => {
    for (const cacheTtl of [30, 61, 86_400]) {
      const { clock, read, write } = await withOldValue();
      expect(await read("sin", "k", cacheTtl)).toBe("old");
      await write("ams", "k", "new");
      clock.advance(cacheTtl * 1000 - 1);
      expect(await read("sin", "k", cacheTtl)).toBe("old");
      clock.advance(1);
      expect(await read("sin", "k", cacheTtl)).toBe("new");
    }
  });

  it("does not lengthen the life of a copy", async () => {
    const { clock, read, write } = await withOldValue();
    await read("sin", "k");
    await write("ams", "k", "new");
    clock.advance(59_999);
    expect(await read("sin", "k")).toBe("old");
    expect(await read("sin", "k", 86_400)).toBe("old");
    clock.advance(1);
    expect(await read("sin", "k", 86_400)).toBe("new");
  });

  it("looks for newer data where its cacheTtl is lower than the age of the copy", async () => {
    const { clock, read, write } = await withOldValue();
    await read("sin", "k", 86_400);
    await write("ams", "k", "new");
    clock.advance(60_000);
    expect(await read("sin", "k", 86_400)).toBe("old");
    expect(await read("sin", "k", 61)).toBe("old");
    expect(await read("sin", "k")).toBe("new");
  });

  it("shortens the life of a copy by a lower cacheTtl, for later reads as well", async () => {
    const { clock, read, write } = await withOldValue();
    await read("sin", "k", 86_400);
    await write("ams", "k", "new");
    clock.advance(10_000);
    expect(await read("sin", "k", 30)).toBe("old");
    clock.advance(20_000);
    expect(await read("sin", "k", 86_400)).toBe("new");
  });

  it("does not find a new key while the location remembers that it was missing", async () => {
    const { clock, read, write } = simulate();
    expect(await read("sin", "k")).toBeNull();
    await write("ams", "k", "new");
    clock.advance(59_999);
    expect(await read("sin", "k")).toBeNull();
    clock.advance(1);
    expect(await read("sin", "k")).toBe("new");
  });

  it("finds a new key as soon as it is propagated where nobody asked for it before", async () => {
    const { clock, read, write } = simulate();
    await write("ams", "k", "new");
    clock.advance(PROPAGATION_MS);
    expect(await read("sin", "k")).toBe("new");
  });

  it("keeps a copy for each location of its own", async () => {
    const { clock, read, write } = simulate({ locations: ["ams", "sin", "lax"] });
    expect(await read("sin", "k")).toBeNull();
    await write("ams", "k", "new");
    clock.advance(PROPAGATION_MS);
    expect(await read("lax", "k")).toBe("new");
    expect(await read("sin", "k")).toBeNull();
  });

  it("gives bytes and metadata that are the caller's own", async () => {
    const { kv } = simulate();
    const written = Uint8Array.of(1, 2, 255);
    const metadata = { tags: ["a"] };
    await kv.at("ams").put("k", written, { metadata });
    written.fill(0);
    metadata.tags.push("b");
    for (const _ of ["first", "second"]) {
      const entry = await kv.at("ams").getWithMetadata("k", { type: "stream" });
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry.value ?? []) chunks.push(chunk);
      expect({ value: chunks.map((chunk) => [...chunk]), metadata: entry.metadata }).toEqual({
        value: [[1, 2, 255]],
        metadata: { tags: ["a"] },
      });
      for (const chunk of chunks) chunk.fill(0);
      (entry.metadata as typeof metadata).tags.push("c");
    }
  });

  it("tells an empty value from none", async () => {
    const { kv, read, write } = simulate();
    await write("ams", "k", "");
    expect(await read("ams", "k")).toBe("");
    expect(await kv.at("ams").getWithMetadata("none", { type: "stream" })).toEqual({ value: null, metadata: null });
  });
});

describe("a bulk read of the simulated KV", () => {
  it("gives an entry for each pair that is there and null for each that is not, once each", async () => {
    const { kv } = simulate();
    await kv.at("ams").put("a", Buffer.from("ä"), { metadata: { n: 1 } });
    await kv.at("ams").put("b", Buffer.from(""), {});
    const found = await kv.at("ams").getWithMetadata(["b", "none", "a", "b"], { type: "text" });
    expect([...found]).toEqual([
      ["b", { value: "", metadata: null }],
      ["none", null],
      ["a", { value: "ä", metadata: { n: 1 } }],
    ]);
  });

  it("shares the copies of its location with single reads, missing keys among them", async () => {
    const { clock, kv, read, write } = await withOldValue();
    await kv.at("sin").getWithMetadata(["k", "none"], { type: "text", cacheTtl: 30 });
    await write("ams", "k", "new");
    await write("ams", "none", "new");
    clock.advance(29_999);
    expect([await read("sin", "k"), await read("sin", "none")]).toEqual(["old", null]);
    clock.advance(1);
    expect([await read("sin", "k"), await read("sin", "none")]).toEqual(["new", "new"]);
  });

  it("fails as a whole where a value is no text", async () => {
    const { kv, write } = simulate();
    await write("ams", "text", "v");
    await kv.at("ams").put("bytes", Uint8Array.of(0xff), {});
    await expect(kv.at("ams").getWithMetadata(["text", "bytes"], { type: "text" })).rejects.toThrow(
      "KV GET_BULK failed: 400 At least one of the requested keys corresponds to a non-text value",
    );
  });
});

describe("the location of a write", () => {
  it.each(SEEDS)("sees it at once, whatever it had a copy of (%s)", async (seed) => {
    const { clock, read, write, remove } = await withOldValue(seed);
    expect([await read("ams", "k"), await read("ams", "other")]).toEqual(["old", null]);
    await write("ams", "k", "new");
    await write("ams", "other", "new");
    expect([await read("ams", "k"), await read("ams", "other")]).toEqual(["new", "new"]);
    clock.advance(1000);
    await remove("ams", "k");
    expect(await read("ams", "k")).toBeNull();
  });

  it("keeps what it wrote as a copy in some cases and drops its copy in others", async () => {
    const seen = new Set<string | null>();
    for (const seed of SEEDS) {
      const { clock, read, write } = simulate({ seed });
      await write("ams", "k", "of ams");
      clock.advance(1000);
      await write("sin", "k", "of sin");
      clock.advance(PROPAGATION_MS);
      seen.add(await read("ams", "k"));
    }
    expect(seen).toEqual(new Set(["of ams", "of sin"]));
  });

  it("keeps such a copy for 60 seconds", async () => {
    for (const seed of SEEDS) {
      const { clock, read, write } = simulate({ seed });
      await write("ams", "k", "of ams");
      clock.advance(1000);
      await write("sin", "k", "of sin");
      clock.advance(59_000);
      expect(await read("ams", "k", 86_400)).toBe("of sin");
    }
  });
});
