import { vi } from "vitest";

import { describeRotation } from "../support/rotation-suite.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

describeRotation({ environment: "dev", access: "gateway", isKilled: true });
