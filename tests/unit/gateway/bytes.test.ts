import { describe, expect, it } from "vitest";

import { concat, equalInConstantTime, indexOf } from "../../../src/gateway/bytes.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("concat", () => {
  it.each([[[]], [["abc"]], [["ab", "", "c"]], [["a", "b", "c"]]])("joins %j in order", (texts) => {
    const chunks = texts.map(bytes);
    expect(concat(chunks, texts.join("").length)).toEqual(bytes(texts.join("")));
  });

  it("copies nothing where there is one chunk", () => {
    const only = bytes("abc");
    expect(concat([only], 3)).toBe(only);
  });
});

describe("indexOf", () => {
  it.each([
    ["abcabc", "abc", 0, 0],
    ["abcabc", "abc", 1, 3],
    ["abcabc", "abc", 4, -1],
    ["aaab", "aab", 0, 1],
    ["ababac", "abac", 0, 2],
    ["abc", "c", 0, 2],
    ["abc", "cd", 0, -1],
    ["abc", "x", 0, -1],
    ["abc", "abcd", 0, -1],
    ["", "a", 0, -1],
    ["abc", "a", 9, -1],
    ["abc", "", 2, 2],
  ])("finds in %j the text %j from %i on at %i", (text, pattern, start, at) => {
    expect(indexOf(bytes(text), bytes(pattern), start)).toBe(at);
  });
});

describe("equalInConstantTime", () => {
  it.each([
    [[], [], true],
    [[1, 2, 3], [1, 2, 3], true],
    [[1, 2, 3], [0, 2, 3], false],
    [[1, 2, 3], [1, 2, 131], false],
    [[1, 2, 3], [1, 2], false],
    [[], [0], false],
    // Differences that would cancel each other out if they were summed.
    [[1, 2], [2, 1], false],
    [[1, 1], [3, 3], false],
  ])("of %j and %j is %s", (a, b, isEqual) => {
    expect(equalInConstantTime(Uint8Array.from(a), Uint8Array.from(b))).toBe(isEqual);
  });
});
