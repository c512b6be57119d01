import { describe, expect, it } from "vitest";

import { isSoak } from "../support/campaign.ts";
import { REFRESH, shortLifeOf, UP, usingEnvironment } from "../support/fault-life.ts";

/**
 * Behind the gateway all but the Worker is made by the same calls. A lost answer and a killed run leave the same behind at
 * the vendor, so that the short form has each once; previews and rotations are killed at each of their calls too.
 */
const BOTH = ["lose-answer", "kill"] as const;
const CALLS = [
  ["rest", /^/, isSoak ? BOTH : (["lose-answer"] as const)],
  ["gateway", /\/workers\//, isSoak ? BOTH : (["kill"] as const)],
] as const;

// The short form; faults-answers and faults-connections hold each fault at each single call alone, in npm run test:soak.
describe.each(CALLS)("every call of an environment's life that changes something, %s", (access, path, faults) => {
  it.each([...faults])("converges when each meets the fault %s once: no duplicate, no orphan", async (fault) => {
    await usingEnvironment(access, async (environment) => {
      for (const step of shortLifeOf(access)) {
        expect(await environment.stepWithEachCallOnce(step, fault, path)).toBeGreaterThan(0);
      }
    });
  });
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
