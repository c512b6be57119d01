import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { createLocalStage, type LocalStage } from "../support/local-stage.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const LIVE_A = 'a: { epoch: 1, state: live, mintedAt: "2026-11-23T00:00:00Z", expiresAt: never }';
const EMPTY_B = "b: { epoch: 0, state: empty }";
const LIVE_B = 'b: { epoch: 1, state: live, mintedAt: "2026-11-23T00:00:00Z", expiresAt: never }';
const DRAINING_A = LIVE_A.replace("live", "draining");
const EMPTY_A = "a: { epoch: 1, state: empty }";

let stage: LocalStage;

beforeAll(async () => {
  stage = await createLocalStage({}, { clock: "system" });
  await stage.kvshiftJson("up", "--stack", "dev", "--yes", "--deploy");
  await stage.edit("dev", [EMPTY_B, LIVE_B], ["active: a", "active: a\n      rotation: by-hand"]);
  await stage.kvshiftJson("up", "--stack", "dev", "--yes");
  await stage.edit("dev", ["active: a\n      rotation", "active: b\n      rotation"]);
  await stage.kvshiftJson("up", "--stack", "dev", "--yes");
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

async function refusal(command: "up" | "preview") {
  const { code, stderr } = await stage.kvshift(command, "--stack", "dev", ...(command === "up" ? ["--yes"] : []));
  return { code, named: stderr.includes("ROTATION_BLOCKED") && stderr.includes("takes out of use: brainbot-dev.") };
}

// Every step passed without a deploy: the last one revoked what the service ran with, though `status` knew.
describe("where a service was not deployed since the other slot was handed out", () => {
  it.each(["up", "preview"] as const)(
    "`%s` refuses to let its credential drain, and names the deploy",
    async (command) => {
      await stage.edit("dev", [LIVE_A, DRAINING_A]);
      expect(await refusal(command)).toEqual({ code: 3, named: true });
      await stage.edit("dev", [DRAINING_A, LIVE_A]);
    },
  );

  it("goes on once it is deployed, and says what a step without a change of resources does", async () => {
    await stage.kvshiftJson("up", "--stack", "dev", "--yes", "--deploy");
    await stage.edit("dev", [LIVE_A, DRAINING_A]);
    const step = { role: "application", slot: "a", from: "live", to: "draining" };
    expect(await stage.kvshiftJson("preview", "--stack", "dev")).toMatchObject({ changed: true, slots: [step] });
    const { stdout } = await stage.kvshift("up", "--stack", "dev", "--yes");
    expect(stdout).toContain("application slot a: live → draining");
    expect(stdout).not.toContain("nothing to change");
  });

  it("refuses to end it where the variables changed since, unless a person says --force, which is recorded", async () => {
    await stage.edit("dev", ["cacheTtlSeconds: 60", "cacheTtlSeconds: 90"]);
    await stage.kvshiftJson("up", "--stack", "dev", "--yes");
    await stage.edit("dev", [DRAINING_A, EMPTY_A], ["\n      rotation: by-hand", ""]);
    expect(await refusal("up")).toEqual({ code: 3, named: true });
    await stage.kvshiftJson("up", "--stack", "dev", "--yes", "--force");
    const log = await stage.kvshiftJson("audit", "show", "--stack", "dev");
    expect(JSON.stringify(log)).toContain('"forced":{"mayFail":["brainbot-dev"]}');
  });
});
