import { describe, expect, it } from "vitest";

import { type Clock, clockStartingAt, systemClock } from "../../../src/core/clock.ts";

describe("clockStartingAt", () => {
  it("shows the start first and then runs at the pace of its base", () => {
    let milliseconds = 5_000;
    const base: Clock = { now: () => milliseconds };
    const clock = clockStartingAt(1_000_000, base);
    expect(clock.now()).toBe(1_000_000);
    milliseconds += 250;
    expect(clock.now()).toBe(1_000_250);
  });

  it("can start before its base", () => {
    expect(clockStartingAt(0, { now: () => 99 }).now()).toBe(0);
  });
});

describe("systemClock", () => {
  it("shows milliseconds since the epoch and does not run backwards", () => {
    const before = Date.now();
    const shown = systemClock.now();
    expect(shown).toBeGreaterThanOrEqual(before);
    expect(shown).toBeLessThanOrEqual(Date.now());
  });
});
