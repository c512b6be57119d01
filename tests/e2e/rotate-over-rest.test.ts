import { describe, vi } from "vitest";

import { isSoak } from "../support/campaign.ts";
import { describeRotation } from "../support/rotation-suite.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

// Only in npm run test:soak: the steps are those of rotate-through-gateway.test.ts, and rotate-faults.test.ts rotates over
// REST in every run.
describe.runIf(isSoak)("over REST", () => {
  describeRotation({ environment: "dev", access: "rest", isKilled: true });
});
