import { describe, expect, it } from "vitest";

import type { DeployStatus } from "../../../../local-cloud/render/deploy.ts";
import {
  createGroup,
  type Deploy,
  deploy,
  deploys,
  OWNER,
  settled,
  startTestEmulator,
  statuses,
} from "./test-emulator.ts";

describe("a deploy", () => {
  it("goes through its statuses in order and is answered as created", async () => {
    const path: DeployStatus[] = [];
    const bed = startTestEmulator({
      deploy: {
        pace: ({ status }) => {
          path.push(status);
          return Promise.resolve();
        },
      },
    });
    const { status, body } = await bed.call<Deploy>("POST", "/services/srv-1/deploys", {});
    expect([status, body]).toEqual([201, expect.objectContaining({ status: "created", trigger: "api" }) as unknown]);
    expect(body.id).toMatch(/^dep-[0-9a-z]{20}$/);
    await settled();
    expect(path).toEqual(["created", "build_in_progress", "update_in_progress"]);
    expect(await statuses(bed)).toEqual(["live"]);
  });

  it("deactivates the one before it, whose instance ends after the new one is healthy", async () => {
    const bed = startTestEmulator();
    await deploy(bed);
    bed.launcher.holds = true;
    await deploy(bed);
    expect([await statuses(bed), bed.launcher.at(0).stops]).toEqual([["update_in_progress", "live"], 0]);
    bed.launcher.at(1).succeed();
    await settled();
    expect([await statuses(bed), bed.launcher.at(0).stops]).toEqual([["live", "deactivated"], 1]);
  });

  it("that fails leaves the one before it live", async () => {
    const bed = startTestEmulator();
    await deploy(bed);
    bed.launcher.holds = true;
    await deploy(bed);
    bed.launcher.at(1).fail();
    await settled();
    expect([await statuses(bed), bed.launcher.at(0).stops]).toEqual([["update_failed", "live"], 0]);
  });

  it("takes its variables when it starts, not when it was triggered and not later", async () => {
    const bed = startTestEmulator();
    const group = await createGroup(bed, { serviceIds: ["srv-1"] });
    bed.launcher.holds = true;
    await deploy(bed);
    await deploy(bed);
    await bed.call("PUT", `/env-groups/${group}/env-vars/PHASE`, { value: "dual" });
    bed.launcher.at(0).succeed();
    await settled();
    await bed.call("PUT", `/env-groups/${group}/env-vars/PHASE`, { value: "kv" });
    expect(bed.launcher.launches.map(({ request }) => request.env)).toEqual([{ PHASE: "redis" }, { PHASE: "dual" }]);
  });

  it("of a service without instances goes live without a process", async () => {
    const bed = startTestEmulator({ services: [{ id: "srv-1", name: "nightly", ownerId: OWNER, type: "cron_job" }] });
    await deploy(bed);
    expect([await statuses(bed), bed.launcher.launches]).toEqual([["live"], []]);
    expect((await bed.call("POST", "/services/srv-1/restart")).status).toBe(400);
  });
});

describe("overlapping deploys", () => {
  it("wait, and only the most recent of those that wait runs", async () => {
    const bed = startTestEmulator();
    bed.launcher.holds = true;
    await deploy(bed);
    const second = await bed.call("POST", "/services/srv-1/deploys", {});
    const third = await bed.call("POST", "/services/srv-1/deploys", {});
    expect([second, third].map(({ status, body }) => [status, body])).toEqual([
      [202, null],
      [202, null],
    ]);
    expect(await statuses(bed)).toEqual(["queued", "canceled", "update_in_progress"]);
    bed.launcher.at(0).succeed();
    await settled();
    expect(bed.launcher.launches).toHaveLength(2);
    bed.launcher.at(1).succeed();
    await settled();
    expect(await statuses(bed)).toEqual(["live", "canceled", "deactivated"]);
  });

  it("cancel the running one under override, and its instance never serves", async () => {
    const bed = startTestEmulator({ deploy: { overlap: "override" } });
    bed.launcher.holds = true;
    await deploy(bed);
    await deploy(bed);
    expect(await statuses(bed)).toEqual(["update_in_progress", "canceled"]);
    expect(bed.launcher.at(0).request.signal.aborted).toBe(true);
    bed.launcher.at(1).succeed();
    await settled();
    expect(await statuses(bed)).toEqual(["live", "canceled"]);
  });

  it("end the instance of a cancelled deploy that became healthy all the same", async () => {
    const bed = startTestEmulator({ deploy: { overlap: "override" } });
    bed.launcher.holds = true;
    bed.launcher.minds = false;
    await deploy(bed);
    await deploy(bed);
    bed.launcher.at(1).succeed();
    bed.launcher.at(0).succeed();
    await settled();
    expect([await statuses(bed), bed.launcher.launches.map(({ stops }) => stops)]).toEqual([
      ["live", "canceled"],
      [1, 0],
    ]);
  });

  it("run after one that failed", async () => {
    const bed = startTestEmulator();
    bed.launcher.holds = true;
    await deploy(bed);
    await deploy(bed);
    bed.launcher.at(0).fail();
    await settled();
    bed.launcher.at(1).succeed();
    await settled();
    expect(await statuses(bed)).toEqual(["live", "update_failed"]);
  });
});

describe("cancel", () => {
  it("ends a deploy in progress and lets the waiting one run", async () => {
    const bed = startTestEmulator();
    bed.launcher.holds = true;
    await deploy(bed);
    await deploy(bed);
    const [waiting, running] = await deploys(bed);
    const canceled = await bed.call<Deploy>("POST", `/services/srv-1/deploys/${running?.id ?? ""}/cancel`);
    expect([canceled.status, canceled.body.status]).toEqual([200, "canceled"]);
    await settled();
    expect(await statuses(bed)).toEqual(["update_in_progress", "canceled"]);
    expect(bed.launcher.at(1).request.deployId).toBe(waiting?.id);
  });

  it("takes a waiting deploy out of the line", async () => {
    const bed = startTestEmulator();
    bed.launcher.holds = true;
    await deploy(bed);
    await deploy(bed);
    const [waiting] = await deploys(bed);
    await bed.call("POST", `/services/srv-1/deploys/${waiting?.id ?? ""}/cancel`);
    bed.launcher.at(0).succeed();
    await settled();
    expect([await statuses(bed), bed.launcher.launches.length]).toEqual([["canceled", "live"], 1]);
  });

  it("is refused for a deploy that is over", async () => {
    const bed = startTestEmulator();
    await deploy(bed);
    const [live] = await deploys(bed);
    expect((await bed.call("POST", `/services/srv-1/deploys/${live?.id ?? ""}/cancel`)).status).toBe(400);
    expect(await statuses(bed)).toEqual(["live"]);
  });
});

describe("restart", () => {
  it("keeps the variables of the live deploy, and the deploy", async () => {
    const bed = startTestEmulator();
    const group = await createGroup(bed, { serviceIds: ["srv-1"] });
    await deploy(bed);
    await bed.call("PUT", `/env-groups/${group}/env-vars/PHASE`, { value: "kv" });
    const { status, body } = await bed.call("POST", "/services/srv-1/restart");
    await settled();
    expect([status, body]).toEqual([200, null]);
    expect(bed.launcher.launches.map(({ stops, request }) => [stops, request.env])).toEqual([
      [1, { PHASE: "redis" }],
      [0, { PHASE: "redis" }],
    ]);
    expect(await statuses(bed)).toEqual(["live"]);
  });

  it("lets a deploy wait until it is done", async () => {
    const bed = startTestEmulator({ deploy: { overlap: "override" } });
    await deploy(bed);
    bed.launcher.holds = true;
    await bed.call("POST", "/services/srv-1/restart");
    await settled();
    await deploy(bed);
    expect(bed.launcher.launches).toHaveLength(2);
    bed.launcher.at(1).succeed();
    await settled();
    bed.launcher.at(2).succeed();
    await settled();
    expect([await statuses(bed), bed.launcher.launches.map(({ stops }) => stops)]).toEqual([
      ["live", "deactivated"],
      [1, 1, 0],
    ]);
  });

  it("is refused before the first deploy", async () => {
    const bed = startTestEmulator();
    expect((await bed.call("POST", "/services/srv-1/restart")).status).toBe(400);
  });
});
