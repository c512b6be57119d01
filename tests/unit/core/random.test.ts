import { describe, expect, it } from "vitest";

import { randomHex, systemRandom } from "../../../src/core/random.ts";

describe("randomHex", () => {
  const counting = (length: number) => Uint8Array.from({ length }, (_, index) => index + 10);

  it.each([
    [0, ""],
    [1, "0"],
    [4, "0a0b"],
    [5, "0a0b0"],
  ])("makes %i digits of the bytes it is given", (length, digits) => {
    expect(randomHex(counting, length)).toBe(digits);
  });
});

describe("systemRandom", () => {
  it("gives as many bytes as asked for, others each time", () => {
    const [first, second] = [systemRandom(32), systemRandom(32)];
    expect([first.length, second.length]).toEqual([32, 32]);
    expect(first).not.toEqual(second);
  });
});
