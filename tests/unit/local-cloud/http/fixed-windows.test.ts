import { describe, expect, it } from "vitest";

import { FixedWindows } from "../../../../local-cloud/http/fixed-windows.ts";
import { ManualClock } from "../cloudflare/emulated-cloudflare.ts";

const QUOTA = { requests: 2, windowSeconds: 10 };

describe("FixedWindows", () => {
  it("counts down to the first call that is one too many", () => {
    const clock = new ManualClock(0);
    const windows = new FixedWindows(clock);
    const states = [0, 1, 2].map(() => {
      const state = windows.take("key", QUOTA);
      clock.advance(2500);
      return state;
    });
    expect(states).toEqual([
      { isExceeded: false, remaining: 1, resetSeconds: 10 },
      { isExceeded: false, remaining: 0, resetSeconds: 8 },
      { isExceeded: true, remaining: 0, resetSeconds: 5 },
    ]);
  });

  it("begins anew when the window of the first call is over, and not a moment earlier", () => {
    const clock = new ManualClock(0);
    const windows = new FixedWindows(clock);
    for (const _ of [1, 2, 3]) windows.take("key", QUOTA);
    clock.advance(9999);
    expect(windows.take("key", QUOTA)).toEqual({ isExceeded: true, remaining: 0, resetSeconds: 1 });
    clock.advance(1);
    expect(windows.take("key", QUOTA)).toEqual({ isExceeded: false, remaining: 1, resetSeconds: 10 });
  });

  it("counts each key for itself", () => {
    const windows = new FixedWindows(new ManualClock(0));
    expect(["a", "a", "b"].map((key) => windows.take(key, QUOTA).remaining)).toEqual([1, 0, 1]);
  });
});
