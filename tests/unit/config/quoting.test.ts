import { describe, expect, it } from "vitest";

import { needsQuotes } from "../../../src/config/quoting.ts";

describe("needsQuotes", () => {
  it.each([
    "yes",
    "No",
    "on",
    "OFF",
    "y",
    "n",
    "true",
    "null",
    "~",
    "2027-11-23",
    "2027-11-23T00:00:00Z",
    "2027-1-1 10:00:00",
    "12",
    "-3",
    "1_000",
    "017",
    "0o17",
    "0x1F",
    "0b101",
    "1.5",
    "1e5",
    "12e3",
    ".5",
    "190:20:30",
    ".inf",
    "-.INF",
    ".NaN",
  ])("holds for %s, which some reader takes for something else", (text) => {
    expect(needsQuotes(text)).toBe(true);
  });

  it.each([
    "brainbot",
    "only",
    "nope",
    "yes-man",
    "0d3a",
    "203.0.113.10/32",
    "2001:db8::/32",
    "2027-11-23-a",
    "v1:a",
    "e5",
    "1-2",
    "-",
  ])("does not hold for %s", (text) => {
    expect(needsQuotes(text)).toBe(false);
  });
});
