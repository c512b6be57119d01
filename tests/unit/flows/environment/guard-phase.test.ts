import { describe, expect, it } from "vitest";

import { AppError } from "../../../../src/core/app-error.ts";
import { type Phase, PHASES } from "../../../../src/core/names.ts";
import { guardPhase } from "../../../../src/flows/environment/guard-phase.ts";

function refusal(was: Phase | undefined, wanted: Phase): Pick<AppError, "problem" | "fix"> | undefined {
  try {
    guardPhase(was, wanted);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return { problem: error.problem, fix: error.fix };
    throw error;
  }
}

describe("guardPhase", () => {
  it("lets an environment begin in any phase, and stay in any", () => {
    for (const phase of PHASES) {
      expect([refusal(undefined, phase), refusal(phase, phase)]).toEqual([undefined, undefined]);
    }
  });

  it("says of each way that loses data what would be lost, and what to do", () => {
    expect(refusal("redis", "kv")).toEqual({
      problem:
        "The phase cannot go from redis to kv: KV holds nothing of what was written to Redis: whoever reads it finds no session.",
      fix: expect.stringContaining("First `phase: dual`") as string,
    });
    expect(refusal("kv", "dual")?.problem).toContain("`dual` reads a part of the keys there");
    expect(refusal("kv", "redis")?.problem).toContain("finds what was true then");
    for (const back of ["dual", "redis"] as const) expect(refusal("kv", back)?.fix).toContain("Keep `phase: kv`");
  });
});
