import { describe, expect, it } from "vitest";

import { integerOf, secondsOf } from "../../../../src/gateway/dialect/call.ts";

describe("integerOf", () => {
  it.each([
    ["", undefined],
    ["other=1", undefined],
    ["n=0", 0],
    ["n=0060", 60],
    ["n=9007199254740991", 9_007_199_254_740_991],
    // The first counts, as it does for every other parameter.
    ["n=1&n=2", 1],
    ["n=", Number.NaN],
    ["n=-1", Number.NaN],
    ["n=+1", Number.NaN],
    ["n=1.0", Number.NaN],
    ["n=1e3", Number.NaN],
    ["n=0x10", Number.NaN],
    ["n=%201", Number.NaN],
    ["n=1_000", Number.NaN],
    ["n=12345678901234567", Number.NaN],
    ["n=Infinity", Number.NaN],
    ["n=%D9%A1", Number.NaN],
  ])("of %j is %s", (query, number) => {
    expect(integerOf(new URLSearchParams(query), "n")).toBe(number);
  });
});

describe("secondsOf", () => {
  it.each([
    ["", undefined],
    ["n=3600", 3600],
    ["n=3600.0", 3600],
    ["n=3600.", 3600],
    ["n=3600.5", Number.NaN],
    ["n=1e3", Number.NaN],
    ["n=-1.0", Number.NaN],
  ])("of %j is %s", (query, seconds) => {
    expect(secondsOf(new URLSearchParams(query), "n")).toBe(seconds);
  });
});
