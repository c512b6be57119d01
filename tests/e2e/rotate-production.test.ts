import { describe, vi } from "vitest";

import { isSoak } from "../support/campaign.ts";
import { describeRotation } from "../support/rotation-suite.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

// Only in npm run test:soak: the steps are those of rotate-through-gateway.test.ts. What differs is the environment: two
// services, protected objects, credentials that are bound to addresses and end, a host name of its own.
describe.runIf(isSoak)("in production", () => {
  describeRotation({ environment: "prod", access: "gateway", isKilled: false });
});
