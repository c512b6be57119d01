import { describe, expect, it } from "vitest";

import { LIFE, REFRESH, UP, usingEnvironment } from "../support/fault-life.ts";

// The short form; faults-answers and faults-connections hold each fault at each call alone, in npm run test:soak.
describe("every mutating call of an environment's life", () => {
  it.each(["lose-answer", "kill"] as const)(
    "converges when all meet the fault %s: no duplicate, no orphan",
    async (fault) => {
      const calls = await usingEnvironment((environment) => environment.callsOfLife());
      expect(calls.every((step) => step.length > 0)).toBe(true);
      await usingEnvironment(async (environment) => {
        for (const [index, step] of LIFE.entries()) await environment.step(step, calls[index] ?? [], fault);
      });
    },
  );

  it("is none in a refresh, nor in an `up` that has nothing to change", async () => {
    await usingEnvironment(async (environment) => {
      expect(await environment.callsOf(UP)).not.toEqual([]);
      expect(await environment.callsOf(REFRESH)).toEqual([]);
      expect(await environment.callsOf(UP)).toEqual([]);
    });
  });
});
