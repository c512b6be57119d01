import { describe, expect, it } from "vitest";

import { Interrupts } from "../../../src/processes/interrupts.ts";

function start() {
  const seen = { now: 1_000, exits: 0 };
  const interrupts = new Interrupts(
    () => {
      seen.exits += 1;
    },
    () => seen.now,
  );
  const strikeAt = (now: number) => {
    seen.now = now;
    interrupts.strike();
    return { aborted: interrupts.signal.aborted, exits: seen.exits };
  };
  return { interrupts, strikeAt };
}

describe("Interrupts", () => {
  it("asks for the end with the first stroke, and ends at once with the second", () => {
    const { strikeAt } = start();
    expect(strikeAt(5_000)).toEqual({ aborted: true, exits: 0 });
    expect(strikeAt(6_000)).toEqual({ aborted: true, exits: 1 });
  });

  // A terminal sends it to every process, and the starter on an older Node.js hands it on: the run ended hard, with the
  // lock of the stack left behind.
  it("takes for one stroke what arrives twice", () => {
    const { strikeAt } = start();
    strikeAt(5_000);
    expect(strikeAt(5_020)).toEqual({ aborted: true, exits: 0 });
    expect(strikeAt(5_400)).toEqual({ aborted: true, exits: 1 });
  });

  it("ends with the first stroke after it was asked to end by a signal", () => {
    const { interrupts, strikeAt } = start();
    interrupts.end();
    expect(strikeAt(5_000)).toEqual({ aborted: true, exits: 1 });
  });
});
