import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { describe, expect, it } from "vitest";

import { isSoak } from "../support/campaign.ts";
import { CHECKOUT, cleanEnvironment, jsonOf, runProcess } from "../support/kvshift.ts";
import { survivors } from "../support/marked-processes.ts";

/** What the demo announces, in order: it is killed once at each in `npm run test:soak`. */
const STEPS = [
  "install the application in Python",
  "start the local cloud",
  "provision dev with the real engine",
  "Preview",
  "Update",
  "deploy the example application on the local Render",
  "deploy the application in Python as a second service",
  "sign a person in through the environment group",
  "reach nothing else with its credential",
  "show what exists",
  "up again changes nothing",
  "destroy",
  "Destroy",
];
/** In the short form: while the engine runs, with Workers and services running, and while things are removed. */
const SOME_STEPS = ["Update", "reach nothing else with its credential", "Destroy"];
const FIVE_SECONDS = 5_000;

/** A private folder for temporary files, and a mark on every process of one run. */
async function createRun() {
  const temporary = await mkdtemp(join(tmpdir(), "kvshift-demo-test-"));
  const marker = `KVSHIFT_TEST_RUN=${randomUUID()}`;
  const [name = "", value = ""] = marker.split("=");
  return { temporary, marker, env: { ...cleanEnvironment(), TMPDIR: temporary, [name]: value } };
}

async function trackedChanges(): Promise<string> {
  const { stdout } = await runProcess("git", ["status", "--porcelain", "--", "Pulumi*.yaml", "state"], {
    cwd: CHECKOUT,
    env: cleanEnvironment(),
  });
  return stdout;
}

describe("npm run demo", () => {
  it("leaves nothing running five seconds after it is killed, at whichever step; the next one holds every proof", async () => {
    const { temporary, marker, env } = await createRun();
    for (const step of isSoak ? [...STEPS, ...STEPS, ...STEPS] : SOME_STEPS) {
      const demo = spawn("npm", ["run", "--silent", "demo"], {
        cwd: CHECKOUT,
        env,
        stdio: ["ignore", "ignore", "pipe"],
      });
      const lines = createInterface({ input: demo.stderr });
      const reached = await new Promise<boolean>((resolve) => {
        lines.on("line", (line) => {
          if (line.includes(`› ${step}`)) resolve(true);
        });
        lines.on("close", () => {
          resolve(false);
        });
      });
      expect({ step, reached }).toEqual({ step, reached: true });
      demo.kill("SIGKILL");
      expect({ step, left: await survivors(marker, FIVE_SECONDS) }).toEqual({ step, left: [] });
    }
    // The next one: holds every proof, leaves nothing running and no file changed, and says so as JSON.
    const before = { tracked: await trackedChanges(), temporary: new Set(await readdir(temporary)) };
    const finished = await runProcess("npm", ["run", "--silent", "demo", "--", "--json"], { cwd: CHECKOUT, env });
    const { ok, steps } = jsonOf(finished) as { ok: boolean; steps: { name: string; ok: boolean; ms: number }[] };
    expect({ code: finished.code, ok, failed: steps.filter((step) => !step.ok) }).toEqual({
      code: 0,
      ok: true,
      failed: [],
    });
    expect(steps.map(({ name }) => name)).toEqual([
      "install the application in Python",
      "start the local cloud",
      "provision dev with the real engine",
      "deploy the example application on the local Render",
      "sign a person in through the environment group",
      "read a cached value",
      "deploy the application in Python as a second service",
      "hold a conversation with it, and end the session",
      "reach nothing else with its credential",
      "show what exists",
      "up again changes nothing",
      "destroy",
      "leave nothing running",
    ]);
    expect(finished.stdout.trim().split("\n")).toHaveLength(1);
    expect(await survivors(marker, FIVE_SECONDS)).toEqual([]);
    // npm keeps its own compiled code among the temporary files.
    const left = (await readdir(temporary)).filter((name) => name !== "node-compile-cache");
    expect(left.filter((name) => name.startsWith("kvshift-local-") || !before.temporary.has(name))).toEqual([]);
    expect(await trackedChanges()).toBe(before.tracked);
    await rm(temporary, { recursive: true, force: true });
  });

  it("leaves everything up with --keep, says how to reach it, and cleans up when it is interrupted", async () => {
    const { temporary, marker, env } = await createRun();
    const demo = spawn(process.execPath, ["scripts/run.js", "demo", "--keep"], {
      cwd: CHECKOUT,
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let service = "";
    for await (const line of createInterface({ input: demo.stderr })) {
      if (service === "") service = /# brainbot-dev: (http:\S+)/.exec(line)?.[1] ?? "";
      else break;
    }
    expect((await fetch(`${service}/healthz`)).status).toBe(200);
    demo.kill("SIGINT");
    demo.stderr.resume();
    const [code] = (await once(demo, "exit")) as [number];
    expect(code).toBe(0);
    expect(await survivors(marker, FIVE_SECONDS)).toEqual([]);
    await rm(temporary, { recursive: true });
  });
});
