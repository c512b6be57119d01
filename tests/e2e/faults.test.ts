import { describe, expect, it } from "vitest";

import { REFRESH, shortLifeOf, UP, usingEnvironment } from "../support/fault-life.ts";

/** Behind the gateway all but the Worker is made by the same calls. */
const CALLS = [
  ["rest", /^/],
  ["gateway", /\/workers\//],
] as const;

// The short form; faults-answers and faults-connections hold each fault at each single call alone, in npm run test:soak.
describe.each(CALLS)("every call of an environment's life that changes something, %s", (access, path) => {
  it.each(["lose-answer", "kill"] as const)(
    "converges when each meets the fault %s once: no duplicate, no orphan",
    async (fault) => {
      await usingEnvironment(access, async (environment) => {
        for (const step of shortLifeOf(access)) {
          expect(await environment.stepWithEachCallOnce(step, fault, path)).toBeGreaterThan(0);
        }
      });
    },
  );
});

describe("a refresh, and an `up` that has nothing to change", () => {
  it("make no call that changes something", async () => {
    await usingEnvironment("gateway", async (environment) => {
      expect(await environment.callsOf(UP)).not.toEqual([]);
      expect(await environment.callsOf(REFRESH)).toEqual([]);
      expect(await environment.callsOf(UP)).toEqual([]);
    });
  });
});
