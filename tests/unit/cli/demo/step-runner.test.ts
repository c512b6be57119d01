import { describe, expect, it } from "vitest";

import { proof, StepRunner } from "../../../../src/cli/demo/step-runner.ts";
import { recordingOutput } from "../recording-output.ts";

function stage() {
  let now = 0;
  const clock = { now: () => now };
  const recorded = recordingOutput({ clock });
  const steps = new StepRunner(recorded.output, clock);
  const taking = (ms: number) => {
    now += ms;
  };
  return { ...recorded, steps, taking };
}

describe("StepRunner", () => {
  it("returns what a step returns and remembers how long each took", async () => {
    const { steps, taking, stderr } = stage();
    const result = await steps.run("first", async () => {
      taking(1_500);
      return 42;
    });
    await steps.run("second", async () => {
      taking(20);
    });
    expect(result).toBe(42);
    expect(steps.results).toEqual([
      { name: "first", ok: true, ms: 1_500 },
      { name: "second", ok: true, ms: 20 },
    ]);
    expect(stderr()).toBe("› first\n✓ first 1.5 s\n› second\n✓ second\n");
  });

  it("remembers a step that fails and hands its error on", async () => {
    const { steps, taking, stderr } = stage();
    const error = new Error("broken");
    const failing = steps.run("first", () => {
      taking(7);
      return Promise.reject(error);
    });
    await expect(failing).rejects.toBe(error);
    expect(steps.results).toEqual([{ name: "first", ok: false, ms: 7 }]);
    expect(stderr()).toBe("› first\n");
  });
});

describe("proof", () => {
  it("passes where it holds", () => {
    expect(() => {
      proof(true, "the claim", "nothing");
    }).not.toThrow();
  });

  it("fails with the claim and what was found instead", () => {
    expect(() => {
      proof(false, "the second answer is cached", "from origin");
    }).toThrow(
      expect.objectContaining({
        code: "PROOF_FAILED",
        problem: "A proof did not hold: the second answer is cached.",
        details: ["found: from origin"],
      }),
    );
  });
});
