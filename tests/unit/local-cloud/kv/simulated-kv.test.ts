import { describe, expect, it } from "vitest";

import { type Network, SEEDS, simulate } from "./simulated-network.ts";

/** Answers of many calls in which chance plays a part. */
async function storyOf({ clock, read, write, remove, pages }: Network): Promise<unknown[]> {
  const story: unknown[] = [];
  for (let round = 0; round < 10; round += 1) {
    const [here, there] = round % 2 === 0 ? ["ams", "sin"] : ["sin", "ams"];
    await write(here, "k", `${round}`);
    await write(here, `k${round}`, "v");
    clock.advance(7000);
    story.push(await read(there, "k", 30), await pages(there));
    await remove(here, `k${round}`);
    clock.advance(25_000);
    story.push(await read(here, "k", 30), await pages(here));
  }
  return story;
}

const RANGES = { propagation: { minMs: 0, maxMs: 30_000 }, listLag: { minMs: 0, maxMs: 60_000 } };

describe("SimulatedKv", () => {
  it("answers the same calls the same way for the same seed, and in another for others", async () => {
    const stories = await Promise.all(SEEDS.map((seed) => storyOf(simulate({ seed, ...RANGES }))));
    expect(await Promise.all(SEEDS.map((seed) => storyOf(simulate({ seed, ...RANGES }))))).toEqual(stories);
    expect(new Set(stories.map((story) => JSON.stringify(story))).size).toBe(SEEDS.length);
  });

  it("is never stale at one location without propagation", async () => {
    for (const seed of SEEDS) {
      const { clock, kv, names, read, remove, write } = simulate({
        seed,
        locations: ["ams"],
        propagation: { minMs: 0, maxMs: 0 },
        listLag: "default",
      });
      expect([await read("ams", "k"), await names("ams")]).toEqual([null, []]);
      for (const value of ["1", "2", "3"]) {
        await write("ams", "k", value);
        expect([await read("ams", "k", 86_400), await names("ams")]).toEqual([value, ["k"]]);
        clock.advance(1000);
      }
      await remove("ams", "k");
      expect([await read("ams", "k", 86_400), await names("ams")]).toEqual([null, []]);
      expect(kv.operations.put).toBe(3);
    }
  });

  it("keeps stale copies elsewhere even without propagation", async () => {
    const { clock, read, write } = simulate({ propagation: { minMs: 0, maxMs: 0 } });
    expect(await read("sin", "k")).toBeNull();
    await write("ams", "k", "v");
    clock.advance(59_999);
    expect(await read("sin", "k")).toBeNull();
    clock.advance(1);
    expect(await read("sin", "k")).toBe("v");
  });

  it("lets lists lag by up to 60 seconds unless told otherwise", async () => {
    const isListed = async (waitMs: number, seed: string) => {
      const { clock, names, write } = simulate({ seed, listLag: "default" });
      await write("ams", "k", "v");
      clock.advance(waitMs);
      return (await names("ams")).length === 1;
    };
    const after = (waitMs: number) => Promise.all(SEEDS.map((seed) => isListed(waitMs, seed)));
    expect(new Set(await after(30_000))).toEqual(new Set([true, false]));
    expect(new Set(await after(60_000))).toEqual(new Set([true]));
  });

  it("counts the calls of each kind at all locations, a bulk read as one, refused ones as well", async () => {
    const { kv, read, write, remove, pages } = simulate();
    expect(kv.operations).toEqual({ get: 0, bulkGet: 0, put: 0, delete: 0, list: 0 });
    await write("ams", "k", "v");
    await expect(write("sin", "k", "v")).rejects.toThrow("429");
    await read("ams", "k");
    await read("sin", "k");
    await read("sin", "k");
    await kv.at("ams").getWithMetadata(["a", "b", "c"], { type: "text" });
    await remove("sin", "other");
    await pages("sin");
    expect(kv.operations).toEqual({ get: 3, bulkGet: 1, put: 2, delete: 1, list: 1 });
  });

  it("gives one binding for each location, and none for others", () => {
    const { kv } = simulate();
    expect(kv.at("ams")).toBe(kv.at("ams"));
    expect(kv.at("ams")).not.toBe(kv.at("sin"));
    expect(() => kv.at("lax")).toThrow('"lax" is none of the locations ams, sin.');
  });

  it.each([
    ["no location", { locations: [] }],
    ["a location twice", { locations: ["ams", "ams"] }],
    ["a propagation below 0", { propagation: { minMs: -1, maxMs: 0 } }],
    ["a propagation that ends before it begins", { propagation: { minMs: 2, maxMs: 1 } }],
    ["a propagation of parts of milliseconds", { propagation: { minMs: 0, maxMs: 0.5 } }],
    ["a list lag that is none", { listLag: { minMs: 0, maxMs: Number.NaN } }],
  ])("refuses %s", (_, options) => {
    expect(() => simulate(options)).toThrow(RangeError);
  });
});
