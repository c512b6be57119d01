import { describe, expect, it } from "vitest";

import { nestsDeeper } from "../../../src/core/json-depth.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("JSON nests too deeply", () => {
  it("from one level more than it may", () => {
    expect(nestsDeeper(bytes("[".repeat(3) + "]".repeat(3)), 3)).toBe(false);
    expect(nestsDeeper(bytes("[".repeat(4) + "]".repeat(4)), 3)).toBe(true);
    expect(nestsDeeper(bytes('{"a":[{"b":{}}]}'), 3)).toBe(true);
  });

  it("by what is nested, not by what stands in texts or side by side", () => {
    expect(nestsDeeper(bytes(JSON.stringify(["[[[[", '\\"[[[[', "\\"])), 1)).toBe(false);
    expect(nestsDeeper(bytes("[[],[],[],[]]"), 2)).toBe(false);
  });
});
