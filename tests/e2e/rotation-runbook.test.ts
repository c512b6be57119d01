import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { documentCommands } from "../../scripts/document-commands.ts";
import { CHECKOUT, runProcess } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { startTraffic, type Traffic } from "../support/traffic.ts";

// Two whole rotations, by the commands that a person types.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 300_000 });

const RUNBOOK = "docs/runbooks/rotation.md";

const SERVICE = "srv-d0000000000000000001";
const PREVIEW = "srv-d0000000000000000042";

let stage: LocalStage;
let traffic: Traffic;

describe("the runbook of a rotation", () => {
  beforeAll(async () => {
    stage = await createLocalStage({}, { clock: "system", access: "gateway", timeScale: 600 });
    await stage.kvshiftJson("up", "--stack", "dev", "--yes", "--deploy");
    // A preview that has no environment of its own yet holds what its parent holds, and must come along.
    const preview = { id: PREVIEW, parentId: SERVICE, branch: "new-cart", pullRequest: 42 };
    await stage.cloud.render.openPreview(preview);
    const health = `${stage.cloud.urlOf(PREVIEW) ?? ""}/healthz`;
    const isLive = async () => (await fetch(health).catch(() => undefined))?.ok === true;
    await vi.waitUntil(isLive, { timeout: 60_000 });
    traffic = startTraffic([stage.cloud.urlOf(SERVICE) ?? "", stage.cloud.urlOf(PREVIEW) ?? ""]);
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
    const [parent, preview] = [SERVICE, PREVIEW].map((id) => stage.cloud.render.effectiveEnv(id));
    expect(parent?.["CLOUDFLARE_KV_CREDENTIAL_ID"]).not.toBe("dev-application-a1");
    expect(preview?.["CLOUDFLARE_KV_API_TOKEN"]).toBe(parent?.["CLOUDFLARE_KV_API_TOKEN"]);
  });
});
