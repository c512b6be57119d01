import { describe, expect, test } from "vitest";

import { shardName, shardOf } from "../../../../src/gateway/strong/shard-map.ts";

describe("the objects of a namespace", () => {
  test("hold the keys that they always held: another map would lose every session", () => {
    const keys = ["", "a", "session:1", "session:2", "ü€😀", "\u0000", "k".repeat(512)];
    expect(keys.map((key) => shardOf(key, 16))).toEqual(VECTORS.sixteen);
    expect(keys.map((key) => shardOf(key, 256))).toEqual(VECTORS.many);
    expect(keys.map((key) => shardOf(key, 1))).toEqual(keys.map(() => 0));
    expect(shardName("51".repeat(16), 3)).toBe(`v1/${"51".repeat(16)}/3`);
  });

  test("share the keys evenly", () => {
    const counts = Array.from({ length: 16 }, () => 0);
    for (let index = 0; index < 16_000; index += 1) {
      const shard = shardOf(`session:${index.toString(36)}`, 16);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(800);
    expect(Math.max(...counts)).toBeLessThan(1200);
  });
});

/** Computed once, by version 1 of the map. */
const VECTORS = { sixteen: [11, 3, 15, 5, 15, 11, 6], many: [11, 179, 255, 245, 63, 27, 86] };
