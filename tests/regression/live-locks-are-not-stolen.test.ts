import { spawn, spawnSync } from "node:child_process";
import { mkdir, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { CHECKOUT, runProcess } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { deadPid, eventually } from "../support/processes.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const KVSHIFT = join(CHECKOUT, "bin", "kvshift.js");
const UP = ["up", "--stack", "dev", "--yes"];
/** A process of another pid namespace with the same host name: another container, as far as a lock can tell. */
const CONTAINER = ["--pid", "--fork", "--kill-child", "--mount-proc"];
/** Making a namespace takes a right that not every container grants its tests. */
const canUnshare = spawnSync("unshare", [...CONTAINER, "true"]).status === 0;

let stage: LocalStage;

beforeAll(async () => {
  stage = await createLocalStage({}, { clock: "system" });
  await stage.kvshiftJson(...UP);
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

const locks = () => join(stage.folder, "state", ".pulumi", "locks", "organization", "kvshift", "dev");
const files = async (folder: string) => (await readdir(folder).catch((): string[] => [])).toSorted();
const holds = () => files(join(stage.folder, "state", ".kvshift", "holds", "kvshift", "dev"));

/** A run that holds the stack until it is released: Render keeps the answer to a change back. */
async function runAtWork() {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const before = (): Promise<void> => released;
  stage.cloud.render.faults.add({ method: "PUT", path: /env-vars/, fault: { kind: "intercept", before } });
  await stage.edit("dev", ["cacheTtlSeconds: 60", "cacheTtlSeconds: 61"]);
  const child = spawn(process.execPath, [KVSHIFT, ...UP], { cwd: stage.project, env: stage.env, stdio: "ignore" });
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  await eventually("the engine has locked the stack", async () => (await files(locks())).length > 0, 60_000);
  return { child, exit, release };
}

async function restore(): Promise<void> {
  stage.cloud.render.faults.clear();
  await writeFile(join(stage.project, "Pulumi.dev.yaml"), stage.settings.get("Pulumi.dev.yaml") ?? "");
  await stage.kvshiftJson(...UP);
}

// A pid means something only in its own namespace: in another container the process of a live lock is not to be found.
describe.runIf(canUnshare)("a run in another pid namespace with the same host name", () => {
  it("leaves the lock of a live run alone, and refuses", async () => {
    const { exit, release } = await runAtWork();
    const before = { locks: await files(locks()), holds: await holds() };
    const inside = [...CONTAINER, process.execPath, KVSHIFT, ...UP];
    const { code, stderr } = await runProcess("unshare", inside, { cwd: stage.project, env: stage.env });
    expect({ code, named: stderr.includes("STACK_LOCKED") }).toEqual({ code: 3, named: true });
    expect(stderr).toContain("cannot be seen from here");
    expect({ locks: await files(locks()), holds: await holds() }).toEqual(before);
    release();
    expect(await exit).toBe(0);
    expect({ locks: await files(locks()), holds: await holds() }).toEqual({ locks: [], holds: [] });
    await restore();
  });
});

it("the lock of a killed run goes with the next run", async () => {
  const { child, exit, release } = await runAtWork();
  child.kill("SIGKILL");
  await exit;
  release();
  expect(await holds()).toHaveLength(1);
  await stage.kvshiftJson(...UP, "--wait");
  expect({ locks: await files(locks()), holds: await holds() }).toEqual({ locks: [], holds: [] });
  await restore();
});

it("a lock whose process has ended goes although its id was given out again", async () => {
  await mkdir(locks(), { recursive: true });
  const hold = join(stage.folder, "state", ".kvshift", "holds", "kvshift", "dev");
  await mkdir(hold, { recursive: true });
  const since = new Date(Date.now() - 86_400_000).toISOString();
  // This very process, which has started since: its id is that of the lock.
  const owner = { pid: process.pid, username: "ada", hostname: hostname(), timestamp: since };
  await writeFile(join(locks(), "reused.json"), JSON.stringify(owner));
  const dead = { ...(await identityOfThisRun()), pid: deadPid(), start: "1" };
  await writeFile(join(hold, "reused.json"), JSON.stringify({ process: dead, user: "ada", since }));
  expect((await stage.kvshift(...UP)).code).toBe(0);
  expect({ locks: await files(locks()), holds: await holds() }).toEqual({ locks: [], holds: [] });
});

async function identityOfThisRun() {
  const { identityOf, thisMachine } = await import("../../src/processes/machine.ts");
  return identityOf(thisMachine());
}

it("an empty lock file is named, and so is how to go on", async () => {
  await mkdir(locks(), { recursive: true });
  const path = join(locks(), "torn.json");
  await writeFile(path, "");
  const { code, stderr } = await stage.kvshift(...UP);
  expect(code).toBe(3);
  expect(stderr).toContain(`delete ${path}`);
  await rm(path);
});

it("a torn state file is named with the backup beside it, and the backup works", async () => {
  const path = join(stage.folder, "state", ".pulumi", "stacks", "kvshift", "dev.json");
  await truncate(path, 100);
  for (const command of [UP, ["status", "--stack", "dev"], ["destroy", "--stack", "dev", "--yes"]]) {
    const { code, stderr } = await stage.kvshift(...command);
    expect({ code, named: stderr.includes("STATE_DAMAGED") }).toEqual({ code: 2, named: true });
    expect(stderr).toContain(`cp ${path}.bak ${path}`);
  }
  const restored = await runProcess("cp", [`${path}.bak`, path], { cwd: stage.project, env: stage.env });
  expect(restored.code).toBe(0);
  expect((await stage.kvshift(...UP)).code).toBe(0);
});
