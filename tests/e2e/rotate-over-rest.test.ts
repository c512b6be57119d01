import { vi } from "vitest";

import { isSoak } from "../support/campaign.ts";
import { describeRotation } from "../support/rotation-suite.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

// The same steps as through the gateway: there they are killed in every run.
describeRotation("rest", isSoak);
