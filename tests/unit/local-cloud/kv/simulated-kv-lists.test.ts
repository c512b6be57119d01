import { describe, expect, it } from "vitest";

import { SEEDS, simulate } from "./simulated-network.ts";

describe("a list of the simulated KV", () => {
  it("has the names in the order of their UTF-8 bytes", async () => {
    const { names, write } = simulate();
    const written = ["\u{1f600}", "\uffff", "b", "\ue000", "B", "a", "ä", "\u{10000}", "ab"];
    for (const name of written) await write("ams", name, "v");
    expect(await names("ams")).toEqual(written.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  it("has pages of the limit, and 1,000 names without one", async () => {
    const { pages, write } = simulate();
    const written = Array.from({ length: 1001 }, (_, index) => String(index).padStart(4, "0"));
    for (const name of written) await write("ams", name, "v");
    expect((await pages("ams")).map(({ length }) => length)).toEqual([1000, 1]);
    expect((await pages("ams", { limit: 1000 })).map(({ length }) => length)).toEqual([1000, 1]);
    expect((await pages("ams", { prefix: "000", limit: 4 })).map(({ length }) => length)).toEqual([4, 4, 2]);
    expect((await pages("ams", { limit: 1 })).flat()).toEqual(written);
  });

  it("ends with the last name, where that fills its page", async () => {
    const { pages, write } = simulate();
    for (const name of ["a", "b", "c", "d"]) await write("ams", name, "v");
    expect(await pages("ams", { limit: 2 })).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  it("shows metadata that is there", async () => {
    const { kv, write } = simulate();
    await write("ams", "a", "v", { metadata: { n: 1 } });
    await write("ams", "b", "v", { metadata: null });
    await write("ams", "c", "v", { metadata: 0 });
    expect((await kv.at("ams").list({})).keys).toEqual([
      { name: "a", metadata: { n: 1 } },
      { name: "b" },
      { name: "c", metadata: 0 },
    ]);
  });

  it("goes on at a cursor that tells nothing and carries no prefix", async () => {
    const { kv, write } = simulate();
    for (const name of ["p/1", "p/2", "q"]) await write("ams", name, "v");
    const page = await kv.at("ams").list({ prefix: "p/", limit: 1 });
    if (page.list_complete) throw new Error("there is a second page");
    expect([page.cursor, Buffer.from(page.cursor, "base64").toString()]).not.toContain("p/1");
    const { cursor } = page;
    expect(await kv.at("ams").list({ prefix: "p/", cursor })).toEqual({ keys: [{ name: "p/2" }], list_complete: true });
    expect(await kv.at("ams").list({ cursor })).toEqual({
      keys: [{ name: "p/2" }, { name: "q" }],
      list_complete: true,
    });
  });

  it("goes on behind a name that is gone by then", async () => {
    const { clock, kv, remove, write } = simulate();
    for (const name of ["a", "b", "c"]) await write("ams", name, "v");
    const page = await kv.at("ams").list({ limit: 2 });
    if (page.list_complete) throw new Error("there is a second page");
    clock.advance(1000);
    await remove("ams", "b");
    expect(await kv.at("ams").list({ cursor: page.cursor })).toEqual({ keys: [{ name: "c" }], list_complete: true });
  });

  it("shows what a change found until one of the changes after that is due", async () => {
    const { clock, kv, write } = simulate({
      propagation: { minMs: 0, maxMs: 0 },
      listLag: { minMs: 30_000, maxMs: 30_000 },
    });
    const listed = async () => (await kv.at("sin").list({})).keys.map(({ metadata }) => metadata);
    await write("ams", "k", "v", { metadata: 1 });
    clock.advance(30_000);
    for (const metadata of [2, 3, 4]) {
      await write("ams", "k", "v", { metadata });
      clock.advance(1000);
    }
    const shown = [];
    for (const wait of [26_999, 1, 999, 1, 1000]) {
      clock.advance(wait);
      shown.push(...(await listed()));
    }
    expect(shown).toEqual([1, 2, 2, 3, 4]);
  });

  it("lags behind writes and deletes by a time of its own of up to 60 seconds, at their location too", async () => {
    const lags = new Set<number>();
    for (const seed of SEEDS) {
      const { clock, names, read, remove, write } = simulate({ seed, listLag: { minMs: 0, maxMs: 60_000 } });
      // Seconds until the location of a change lists it.
      const lagOf = async (listed: string[]) => {
        let seconds = 0;
        for (; seconds < 120 && (await names("ams")).join() !== listed.join(); seconds += 1) clock.advance(1000);
        return seconds;
      };
      await write("ams", "k", "v");
      expect(await read("ams", "k")).toBe("v");
      lags.add(await lagOf(["k"]));
      clock.advance(60_000);
      expect(await names("sin")).toEqual(["k"]);
      await remove("ams", "k");
      lags.add(await lagOf([]));
      clock.advance(60_000);
      expect(await names("sin")).toEqual([]);
    }
    expect(Math.max(...lags)).toBeLessThanOrEqual(60);
    expect(Math.max(...lags)).toBeGreaterThan(45);
    expect(Math.min(...lags)).toBeLessThan(15);
  });
});

describe("names that are gone", () => {
  const NAMES = Array.from({ length: 6 }, (_, index) => `k${index}`);

  async function withTombstones(seed: string) {
    const network = simulate({ seed });
    for (const name of NAMES) await network.write("ams", name, "v");
    await network.write("ams", "ends", "v", { expirationTtl: 60 });
    network.clock.advance(60_000);
    for (const name of NAMES.slice(0, -1)) await network.remove("ams", name);
    return network;
  }

  it("make pages that are short or empty and not the last, and hide no other name", async () => {
    let emptyPages = 0;
    for (const seed of SEEDS) {
      const { pages } = await withTombstones(seed);
      const all = await pages("ams", { limit: 1000 });
      expect(all.flat()).toEqual(["k5"]);
      emptyPages += all.slice(0, -1).filter(({ length }) => length === 0).length;
    }
    expect(emptyPages).toBeGreaterThan(0);
  });

  it("make the same pages for the same seed, and others for others", async () => {
    const lengthsOf = async (seed: string) => (await (await withTombstones(seed)).pages("ams")).length;
    const lengths = await Promise.all(SEEDS.map(lengthsOf));
    expect(await Promise.all(SEEDS.map(lengthsOf))).toEqual(lengths);
    expect(new Set(lengths).size).toBeGreaterThan(1);
  });

  it("are gone through for a minute, and forgotten then", async () => {
    for (const seed of SEEDS) {
      const { clock, pages } = await withTombstones(seed);
      clock.advance(60_000);
      expect(await pages("ams")).toEqual([["k5"]]);
    }
  });

  it("come back with their next write", async () => {
    const { clock, names, write } = await withTombstones("again");
    clock.advance(1000);
    await write("ams", "k0", "v");
    expect(await names("ams")).toEqual(["k0", "k5"]);
    clock.advance(60_000);
    expect(await names("ams")).toEqual(["k0", "k5"]);
  });
});
