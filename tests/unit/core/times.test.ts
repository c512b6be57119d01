import { describe, expect, it } from "vitest";

import { ageOf, minuteOf } from "../../../src/core/times.ts";

const NOW = Date.parse("2026-12-01T12:00:00Z");
const before = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

describe("ageOf", () => {
  it.each([
    [40, "40 s"],
    [119, "119 s"],
    [120, "2 min"],
    [7_199, "120 min"],
    [7_200, "2 h"],
    [172_799, "48 h"],
    [172_800, "2 days"],
    [10 * 86_400, "10 days"],
  ])("tells what was %d seconds ago as %s", (seconds, age) => {
    expect(ageOf(before(seconds), NOW)).toBe(age);
  });

  it("takes what lies ahead of a slower clock for just now", () => {
    expect(ageOf(before(-600), NOW)).toBe("0 s");
  });

  it("says that it does not know where there is no date", () => {
    expect(ageOf("soon", NOW)).toBe("unknown");
  });
});

describe("minuteOf", () => {
  it("shows a date to the minute, in UTC", () => {
    expect(minuteOf("2026-12-01T10:30:59.123+01:00")).toBe("2026-12-01 09:30 UTC");
  });
});
