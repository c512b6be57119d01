import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { documentCommands } from "../../scripts/document-commands.ts";
import { CHECKOUT, runProcess } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { startTraffic, type Traffic } from "../support/traffic.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const RUNBOOK = "docs/runbooks/rotation.md";

let stage: LocalStage;
let traffic: Traffic;

describe("the runbook of a rotation", () => {
  beforeAll(async () => {
    stage = await createLocalStage({}, { clock: "system", access: "gateway", timeScale: 600 });
    await stage.kvshiftJson("up", "--stack", "dev", "--yes", "--deploy");
    traffic = startTraffic([stage.cloud.urlOf("srv-d0000000000000000001") ?? ""], 20);
  });

  afterAll(async () => {
    await traffic.stop();
    await stage[Symbol.asyncDispose]();
  });

  it("has commands that run in its order, as they are written", async () => {
    const commands = documentCommands(CHECKOUT).filter(({ file }) => file === RUNBOOK);
    expect(commands.length).toBeGreaterThan(5);
    for (const { command } of commands) {
      const { code, stderr } = await runProcess("sh", ["-c", `${command} --cwd '${stage.project}'`], {
        cwd: CHECKOUT,
        env: stage.env,
      });
      expect({ command, code, stderr: code === 0 ? "" : stderr }).toEqual({ command, code: 0, stderr: "" });
    }
    expect(traffic.failures).toEqual([]);
  });
});
