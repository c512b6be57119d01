import { describe, expect, it } from "vitest";

import { isSoak } from "../support/campaign.ts";
import { goThroughMatrix } from "../support/fault-life.ts";

// Hundreds of runs of the engine: only in npm run test:soak. faults.test.ts is the short form.
describe.runIf(isSoak)("each single call of an environment's life that changes something", () => {
  describe.each(["rest", "gateway"] as const)("%s", (access) => {
    it.each(["drop", "lose-answer", "kill"] as const)(
      "converges after the fault %s: no duplicate, no orphan",
      async (fault) => {
        expect(await goThroughMatrix(access, fault)).toBeGreaterThan(10);
      },
    );
  });
});
