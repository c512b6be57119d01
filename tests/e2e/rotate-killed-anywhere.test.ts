import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";

import { isSoak } from "../support/campaign.ts";
import { createLocalStage } from "../support/local-stage.ts";
import { startTraffic } from "../support/traffic.ts";

vi.setConfig({ testTimeout: 4 * 3_600_000, hookTimeout: 300_000 });

const KILLS = 200;
/** Of a whole rotation, in which a run is killed. */
const LONGEST_MS = 30_000;

// Hours of the engine: only in npm run test:soak. rotate-through-gateway.test.ts kills each step once.
describe.runIf(isSoak)("a rotation that is killed at 200 random moments", () => {
  it("comes to its end each time, fails no request, and leaves two credentials of a role at most", async () => {
    const seed = Date.now() % 2 ** 31;
    const moments = fc.sample(fc.integer({ min: 0, max: LONGEST_MS }), { numRuns: KILLS, seed });
    await using stage = await createLocalStage({}, { clock: "system", access: "gateway", timeScale: 600 });
    await stage.kvshiftJson("up", "--stack", "dev", "--yes", "--deploy");
    const traffic = startTraffic([stage.cloud.urlOf("srv-d0000000000000000001") ?? ""], 20);
    const apply = ["rotate", "apply", "--stack", "dev", "--yes"];
    let rotations = 0;
    for (const moment of moments) {
      const { code } = await stage.kvshiftProcess(apply, (child) => {
        const timer = setTimeout(() => child.kill("SIGKILL"), moment);
        child.on("exit", () => {
          clearTimeout(timer);
        });
      });
      if (code === 0) rotations += 1;
      expect([0, null, 137], `seed ${String(seed)}`).toContain(code);
    }
    expect((await stage.kvshift(...apply)).code, `seed ${String(seed)}`).toBe(0);
    await traffic.stop();
    expect(traffic.failures, `seed ${String(seed)}`).toEqual([]);
    expect(rotations).toBeGreaterThan(0);
    expect(await stage.kvshiftJson("status", "--stack", "dev")).toMatchObject({ problems: [] });
    expect(await stage.kvshiftJson("audit", "verify", "--stack", "dev")).toMatchObject({ comparedWithStack: true });
  });
});
