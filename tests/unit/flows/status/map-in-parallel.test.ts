import { describe, expect, it } from "vitest";

import { mapInParallel } from "../../../../src/flows/status/map-in-parallel.ts";

describe("mapInParallel", () => {
  it("keeps the order of the items, whichever ends first", async () => {
    const slowFirst = async (turns: number): Promise<number> => {
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      return turns * 10;
    };
    expect(await mapInParallel([9, 1, 5, 0], 2, slowFirst)).toEqual([90, 10, 50, 0]);
  });

  it("has as many calls under way as the limit admits, and never more", async () => {
    const underWay = { now: 0, most: 0 };
    await mapInParallel(Array.from({ length: 20 }), 4, async () => {
      underWay.now += 1;
      underWay.most = Math.max(underWay.most, underWay.now);
      await Promise.resolve();
      underWay.now -= 1;
    });
    expect(underWay).toEqual({ now: 0, most: 4 });
  });

  it("does nothing for no items", async () => {
    expect(await mapInParallel([], 4, () => Promise.reject(new Error("called")))).toEqual([]);
  });

  it("fails as soon as one call fails", async () => {
    await expect(mapInParallel([1, 2], 1, () => Promise.reject(new Error("refused")))).rejects.toThrow("refused");
  });
});
