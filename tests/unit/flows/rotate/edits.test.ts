import { describe, expect, it } from "vitest";

import { withEdit } from "../../../../src/config/edit-credentials.ts";
import type { EnvironmentConfig } from "../../../../src/config/schema.ts";
import { guardTransition } from "../../../../src/flows/environment/guards.ts";
import { dueOf } from "../../../../src/flows/rotate/due.ts";
import * as edits from "../../../../src/flows/rotate/edits.ts";
import { stageOf } from "../../../../src/flows/rotate/stages.ts";
import type { Recorded } from "../../../../src/state/recorded.ts";
import { baseConfig, configWith, NOW } from "./rotation-config.ts";

const roles = ["application", "operator"] as const;
const stagesOf = (config: EnvironmentConfig) => roles.map((role) => stageOf("dev", config.credentials, role));
const recordedAs = ({ phase, credentials, namespaces }: EnvironmentConfig): Recorded => ({
  phase,
  access: ["gateway"],
  namespaces: Object.fromEntries(Object.entries(namespaces).map(([name, { consistency }]) => [name, { consistency }])),
  slots: { application: credentials.application.slots, operator: credentials.operator.slots },
  unreadable: [],
});

/** The configuration after an edit that the guards let through. */
function after(config: EnvironmentConfig, edit: Parameters<typeof withEdit>[1]): EnvironmentConfig {
  const next = withEdit(config, edit);
  guardTransition(recordedAs(config), next);
  return next;
}

const mint = (config: EnvironmentConfig, handOut = false) =>
  after(config, edits.mint(config, stagesOf(config), { rotation: "rotate-1", now: NOW, handOut }));
const stageNames = (config: EnvironmentConfig) => stagesOf(config).map(({ stage }) => stage);

describe("the edits of a rotation", () => {
  it("lead from one stage to the next, each past the guards, and back to idle with the next epoch", () => {
    let config = mint(baseConfig());
    expect(stageNames(config)).toEqual(["minted", "minted"]);
    config = after(config, edits.distribute(stagesOf(config)));
    expect(stageNames(config)).toEqual(["distributed", "distributed"]);
    config = after(config, edits.suspend(stagesOf(config)));
    expect(stageNames(config)).toEqual(["suspended", "suspended"]);
    config = after(config, edits.resume(stagesOf(config)));
    expect(stageNames(config)).toEqual(["distributed", "distributed"]);
    config = after(
      after(config, edits.suspend(stagesOf(config))),
      edits.revoke(stagesOf(after(config, edits.suspend(stagesOf(config))))),
    );
    expect(stageNames(config)).toEqual(["revoked", "revoked"]);
    config = after(config, edits.close(stagesOf(config)));
    expect(stageNames(config)).toEqual(["idle", "idle"]);
    expect(config.credentials.application).toEqual({
      active: "b",
      slots: {
        a: { epoch: 1, state: "empty" },
        b: { epoch: 1, state: "live", mintedAt: "2027-01-01T00:00:00Z", expiresAt: "2028-01-01T00:00:00Z" },
      },
    });
  });

  it("hand the next credential out at once in an emergency, and end the old one in the same steps", () => {
    const config = mint(baseConfig(), true);
    expect(stagesOf(config)).toMatchObject([{ stage: "minted", old: "a", handedOut: true }, {}]);
    expect(stageNames(after(config, edits.distribute(stagesOf(config))))).toEqual(["distributed", "distributed"]);
  });

  it("turn back from each stage at which the old credential exists", () => {
    const minted = mint(baseConfig());
    const distributed = after(minted, edits.distribute(stagesOf(minted)));
    for (const config of [minted, distributed]) {
      const back = after(config, edits.turnBack(stagesOf(config)));
      expect(stagesOf(back)).toMatchObject([
        { stage: "distributed", oldId: "dev-application-b1", nextId: "dev-application-a1" },
        {},
      ]);
      expect(stagesOf(back).every(edits.isTurnedBack)).toBe(true);
    }
    expect(stagesOf(distributed).some(edits.isTurnedBack)).toBe(false);
  });

  it("take back what was written and never minted", () => {
    const config = mint(baseConfig());
    expect(withEdit(config, edits.unmint(config, stagesOf(config)))).toEqual(baseConfig());
  });
});

describe("the dates of a new credential", () => {
  const datesOf = (config: EnvironmentConfig) =>
    edits.datesOf(config, stageOf("dev", config.credentials, "application"), NOW);

  it("end a margin after its next rotation is due", () => {
    const dates = { mintedAt: "2027-01-01T00:00:00Z", expiresAt: "2027-05-01T00:00:00Z" };
    expect(datesOf({ ...baseConfig(), rotation: { everyDays: 90 } })).toEqual(dates);
    expect(datesOf({ ...baseConfig(), rotation: { everyDays: 100, marginDays: 20 } })).toEqual(dates);
  });

  it("last as long as those before, where no rotation is configured; never stays never", () => {
    expect(datesOf(baseConfig()).expiresAt).toBe("2028-01-01T00:00:00Z");
    const config = baseConfig();
    const { a, b } = config.credentials.application.slots;
    const slots = { a: { ...a, expiresAt: "never" }, b };
    const application = { ...config.credentials.application, slots };
    expect(datesOf({ ...config, credentials: { ...config.credentials, application } }).expiresAt).toBe("never");
  });
});

describe("dueOf", () => {
  const due = (config: EnvironmentConfig, now = NOW) => dueOf("dev", config, "application", now).why;

  it("knows a credential that is old, that ends soon or has ended, and a rotation that is not finished", () => {
    expect(due(baseConfig())).toBeUndefined();
    expect(due({ ...baseConfig(), rotation: { everyDays: 92 } })).toBe("it is 92 days old, and is rotated every 92");
    expect(due({ ...baseConfig(), rotation: { everyDays: 93 } })).toBeUndefined();
    expect(due(baseConfig(), Date.parse("2027-09-20T00:00:00Z"))).toBe("it ends in 11 day(s)");
    expect(due(baseConfig(), Date.parse("2027-10-02T00:00:00Z"))).toBe("it has expired");
    const under = configWith("application", { active: "b", a: "draining 1", b: "live 1", rotation: "rotate-1" });
    expect(due(under)).toBe("its rotation rotate-1 is not finished");
  });
});
