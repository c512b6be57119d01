import { describe, expect, it } from "vitest";

import { planRotation, stageLine } from "../../../../src/flows/rotate/plan.ts";
import { earliest, stageOf } from "../../../../src/flows/rotate/stages.ts";
import { baseConfig, configWith } from "./rotation-config.ts";

const OPTIONS = {
  services: ["srv-1"],
  access: "gateway",
  quiet: "10 min",
  refusals: "2 min",
  emergency: false,
} as const;

describe("the stage of a rotation", () => {
  it.each([
    ["idle", { active: "a", a: "live 1", b: "empty 0" }, "dev-application-a1", "dev-application-b1", false],
    ["idle", { active: "b", a: "empty 1", b: "live 3" }, "dev-application-b3", "dev-application-a2", false],
    [
      "minted",
      { active: "a", a: "live 1", b: "live 1", rotation: "r" },
      "dev-application-a1",
      "dev-application-b1",
      false,
    ],
    [
      "minted",
      { active: "b", a: "live 1", b: "live 1", rotation: "r" },
      "dev-application-a1",
      "dev-application-b1",
      true,
    ],
    [
      "distributed",
      { active: "b", a: "draining 1", b: "live 1", rotation: "r" },
      "dev-application-a1",
      "dev-application-b1",
      true,
    ],
    ["distributed", { active: "b", a: "draining 1", b: "live 1" }, "dev-application-a1", "dev-application-b1", true],
    [
      "suspended",
      { active: "b", a: "suspended 1", b: "live 1", rotation: "r" },
      "dev-application-a1",
      "dev-application-b1",
      true,
    ],
    [
      "revoked",
      { active: "b", a: "empty 1", b: "live 1", rotation: "r" },
      "dev-application-a1",
      "dev-application-b1",
      true,
    ],
  ] as const)("is %s where the file says %j", (stage, role, oldId, nextId, handedOut) => {
    const { credentials } = configWith("application", role);
    expect(stageOf("dev", credentials, "application")).toMatchObject({ stage, oldId, nextId, handedOut });
  });

  it("takes of two live slots the one that was minted later for the next one, whichever is handed out", () => {
    const { credentials } = configWith("operator", {
      active: "b",
      a: "live 2",
      b: "live 1",
      rotation: "r",
      bMintedAt: "2026-01-01T00:00:00Z",
    });
    expect(stageOf("dev", credentials, "operator")).toMatchObject({ old: "b", next: "a", handedOut: false });
  });

  it("brings roles to the same stage before they go on together", () => {
    const config = configWith("application", { active: "b", a: "suspended 1", b: "live 1", rotation: "r" });
    const both = (["application", "operator"] as const).map((role) => stageOf("dev", config.credentials, role));
    expect(earliest(both).map(({ role }) => role)).toEqual(["operator"]);
    expect(earliest([])).toEqual([]);
  });
});

describe("the plan of a rotation", () => {
  const stagesOf = (config = baseConfig()) =>
    (["application", "operator"] as const).map((role) => stageOf("dev", config.credentials, role));
  const stepsOf = (...args: Parameters<typeof planRotation>) =>
    planRotation(...args)
      .map(({ step }) => step)
      .join(" ");

  it("has every step in order from where nothing was begun", () => {
    expect(stepsOf(stagesOf(), OPTIONS)).toBe(
      "check mint prove distribute deploy observe suspend watch revoke prove-revoked close",
    );
  });

  it("has only what is left, and only for the roles that were begun", () => {
    const config = configWith("operator", { active: "b", a: "suspended 1", b: "live 1", rotation: "r" });
    const steps = planRotation(stagesOf(config), OPTIONS);
    expect(steps.map(({ step }) => step)).toEqual(["watch", "revoke", "prove-revoked", "close"]);
    expect(steps.every(({ roles }) => roles.join() === "operator")).toBe(true);
  });

  it("deploys nothing for a role that no service holds", () => {
    const operator = stagesOf().filter(({ role }) => role === "operator");
    expect(stepsOf(operator, OPTIONS)).not.toContain("deploy");
  });

  it("refuses the old secret before services have another one, in an emergency", () => {
    expect(stepsOf(stagesOf(), { ...OPTIONS, emergency: true })).toBe(
      "mint distribute suspend deploy revoke prove-revoked close",
    );
  });

  it("says that evidence over Cloudflare's own API is weaker", () => {
    const observe = planRotation(stagesOf(), { ...OPTIONS, access: "rest" }).find(({ step }) => step === "observe");
    expect(observe?.what).toContain("weaker");
  });

  it("says where a role stands, and that it is being given up", () => {
    const config = configWith("application", { active: "a", a: "live 1", b: "draining 1", rotation: "abort-r" });
    expect(stageLine(stageOf("dev", config.credentials, "application"))).toBe(
      "application: dev-application-a1 is handed out, dev-application-b1 drains (being given up)",
    );
  });
});
