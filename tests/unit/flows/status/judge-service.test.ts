import { describe, expect, it } from "vitest";

import { judgeService } from "../../../../src/flows/status/judge-service.ts";
import type { ObservedService } from "../../../../src/flows/status/observe-services.ts";
import { AFTER, BEFORE, CHANGED, deploy, SERVICE } from "./observation.ts";

const LATER = "2026-12-01T11:00:00Z";

function judged(deploys: ObservedService["deploys"], more: Partial<ObservedService> = {}, changedAt = CHANGED) {
  return judgeService({ id: SERVICE, name: "web", suspended: false, deploys, ...more }, Date.parse(changedAt));
}

const stateOf = (...args: Parameters<typeof judged>) => judged(...args).state;

describe("judgeService", () => {
  it("takes a service for current when its live deploy was created after the change", () => {
    expect(judged([deploy("live", AFTER)])).toEqual({
      id: SERVICE,
      name: "web",
      state: "current",
      lastDeploy: deploy("live", AFTER),
      deployedAt: AFTER,
      variablesChangedAt: CHANGED,
    });
  });

  it("takes it for stale when its live deploy was created before the change, or in the very same moment", () => {
    expect(stateOf([deploy("live", BEFORE)])).toBe("stale");
    expect(stateOf([deploy("live", CHANGED)])).toBe("stale");
  });

  it("looks at what runs, not at what a later deploy has replaced", () => {
    expect(stateOf([deploy("live", LATER), deploy("deactivated", BEFORE)])).toBe("current");
    expect(stateOf([deploy("live", BEFORE), deploy("deactivated", BEFORE)])).toBe("stale");
  });

  it("takes a deactivated deploy for one that succeeded where none is live", () => {
    expect(stateOf([deploy("deactivated", AFTER)])).toBe("current");
    expect(stateOf([deploy("deactivated", BEFORE)])).toBe("stale");
  });

  it.each(["created", "queued", "build_in_progress", "pre_deploy_in_progress", "update_in_progress"])(
    "takes a service for deploying while a deploy that was created after the change is %s",
    (status) => {
      expect(stateOf([deploy(status, AFTER), deploy("live", BEFORE)])).toBe("deploying");
      expect(stateOf([deploy(status, AFTER)])).toBe("deploying");
    },
  );

  it("takes it for stale while a deploy is under way that was created before the change", () => {
    expect(stateOf([deploy("build_in_progress", BEFORE), deploy("live", BEFORE)])).toBe("stale");
  });

  it("stays current while the next deploy is under way, or when that one fails", () => {
    expect(stateOf([deploy("build_in_progress", LATER), deploy("live", AFTER)])).toBe("current");
    expect(stateOf([deploy("build_failed", LATER), deploy("live", AFTER)])).toBe("current");
  });

  it.each(["build_failed", "update_failed", "pre_deploy_failed"])(
    "takes it for failed when the deploy with the new variables ended as %s",
    (status) => {
      expect(stateOf([deploy(status, AFTER), deploy("live", BEFORE)])).toBe("failed");
    },
  );

  it("takes it for stale when only a deploy from before the change failed", () => {
    expect(stateOf([deploy("build_failed", BEFORE), deploy("live", BEFORE)])).toBe("stale");
  });

  it("takes it for deploying when a second attempt is under way after a failure", () => {
    expect(stateOf([deploy("queued", LATER), deploy("build_failed", AFTER), deploy("live", BEFORE)])).toBe("deploying");
  });

  it("takes it for failed when no deploy has ever succeeded", () => {
    expect(stateOf([deploy("build_failed", BEFORE)])).toBe("failed");
  });

  it("counts canceled deploys as none", () => {
    expect(stateOf([deploy("canceled", AFTER), deploy("live", BEFORE)])).toBe("stale");
    expect(stateOf([deploy("canceled", AFTER)])).toBe("never deployed");
    expect(stateOf([])).toBe("never deployed");
  });

  it("takes a deploy without a date for no evidence", () => {
    expect(stateOf([{ id: "dep-1", status: "live" }])).toBe("stale");
  });

  it("says that a service is suspended, or is not there, before anything else", () => {
    expect(stateOf([deploy("live", AFTER)], { suspended: true })).toBe("suspended");
    expect(stateOf([], { name: undefined })).toBe("missing");
  });

  it("takes any deploy that succeeded for current where no variables have ever changed", () => {
    const service = { id: SERVICE, name: "web", suspended: false, deploys: [deploy("live", BEFORE)] };
    expect(judgeService(service, undefined)).toMatchObject({ state: "current", deployedAt: BEFORE });
    expect(judgeService(service, undefined)).not.toHaveProperty("variablesChangedAt");
  });
});
