import { describe, expect, it } from "vitest";

import { readDeployment } from "../../../src/state/deployment.ts";
import { readProvisioned } from "../../../src/state/provisioned.ts";
import type { Run } from "../../../src/state/runs.ts";

const GROUP = "render:index/envGroup:EnvGroup";
const LINK = "render:index/envGroupLink:EnvGroupLink";

const read = (...resources: object[]) =>
  readProvisioned(readDeployment({ deployment: { resources: resources.map((one) => ({ urn: "", ...one })) } }), []);

describe("readProvisioned", () => {
  it("takes the later of the changes of the group and its links", () => {
    const { variablesChangedAt } = read(
      { type: GROUP, modified: "2026-12-01T09:00:00Z" },
      { type: LINK, modified: "2026-12-01T10:00:00Z" },
      { type: "cloudflare:index/accountToken:AccountToken", modified: "2026-12-01T11:00:00Z" },
    );
    expect(variablesChangedAt).toBe(Date.parse("2026-12-01T10:00:00Z"));
  });

  it("leaves out what the engine has still to delete", () => {
    const { variablesChangedAt } = read(
      { type: GROUP, modified: "2026-12-01T09:00:00Z" },
      { type: GROUP, modified: "2026-12-01T10:00:00Z", delete: true },
    );
    expect(variablesChangedAt).toBe(Date.parse("2026-12-01T09:00:00Z"));
  });

  it("knows no change where there is no group", () => {
    expect(read({ type: "pulumi:pulumi:Stack" })).toEqual({ outputs: undefined, variablesChangedAt: undefined });
    expect(readProvisioned(readDeployment({ deployment: {} }), []).variablesChangedAt).toBeUndefined();
  });

  it("reads phase and active slots from the outputs of the last good run", () => {
    const credentials = { application: { active: "b", slots: {} }, operator: { active: "a", slots: {} } };
    const environment = { name: "dev", phase: "dual", readShare: 10 };
    const { outputs } = read({ type: "pulumi:pulumi:Stack", outputs: { environment, credentials } });
    expect(outputs).toEqual({
      environment: { phase: "dual", readShare: 10 },
      credentials: { application: { active: "b", slots: {} }, operator: { active: "a", slots: {} } },
    });
  });

  describe("where a refresh has stamped the group", () => {
    const run = (kind: string, minute: string, changed: boolean): Run => {
      const time = `2026-12-01T09:${minute}`;
      return { kind, result: "succeeded", startedAt: `${time}:00Z`, endedAt: `${time}:05Z`, changed };
    };
    const changedAt = (...runs: Run[]): string => {
      const resources = [{ urn: "group", type: GROUP, modified: "2026-12-01T09:30:05.900Z" }];
      const { variablesChangedAt = 0 } = readProvisioned(readDeployment({ deployment: { resources } }), runs);
      return new Date(variablesChangedAt).toISOString();
    };

    it("goes back to the last run that changed something, where the refresh found nothing changed", () => {
      const runs = [run("refresh", "30", false), run("update", "20", false), run("update", "10", true)];
      expect(changedAt(run("update", "40", false), ...runs)).toBe("2026-12-01T09:10:05.000Z");
    });

    it("takes the stamp for the change where the refresh found something changed", () => {
      expect(changedAt(run("refresh", "30", true), run("update", "10", true))).toBe("2026-12-01T09:30:05.900Z");
    });

    it("takes the stamp for the change where an update made it, or nothing older is remembered", () => {
      expect(changedAt(run("update", "30", true), run("update", "10", true))).toBe("2026-12-01T09:30:05.900Z");
      expect(changedAt(run("refresh", "30", false))).toBe("2026-12-01T09:30:05.900Z");
      expect(changedAt(run("refresh", "31", false), run("update", "10", true))).toBe("2026-12-01T09:30:05.900Z");
    });
  });
});
