import { spawn } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { CHECKOUT } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";

let stage: LocalStage;

beforeAll(async () => {
  // A lock is compared with the start of its process, which no test sets.
  stage = await createLocalStage({}, { clock: "system" });
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

/** A lock as Pulumi writes it, held by this process. Returns its path. */
async function holdLock(): Promise<string> {
  const folder = join(stage.folder, "state", ".pulumi", "locks", "organization", "kvshift", "dev");
  await mkdir(folder, { recursive: true });
  const lock = { pid: process.pid, username: "ada", hostname: hostname(), timestamp: new Date().toISOString() };
  const path = join(folder, "11111111-2222-3333-4444-555555555555.json");
  await writeFile(path, JSON.stringify(lock));
  return path;
}

describe("a stack that another run holds", () => {
  it("is refused before anything is done, with the name of its holder", async () => {
    const path = await holdLock();
    const { code, stderr } = await stage.kvshift("up", "--stack", "dev", "--yes");
    expect(code).toBe(3);
    expect(stderr).toMatch(new RegExp(`process ${String(process.pid)} of ada on ${hostname()}, for \\d+ s`));
    expect(stage.cloud.cloudflare.requestLog.entries).toEqual([]);
    await rm(path);
  });

  it("is waited for with --wait", async () => {
    const path = await holdLock();
    const args = [join(CHECKOUT, "bin", "kvshift.js"), "up", "--stack", "dev", "--yes", "--wait"];
    const child = spawn(process.execPath, args, {
      cwd: stage.project,
      env: stage.env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
    const seen: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      seen.push(line);
      if (line.includes("› Wait for the lock")) await rm(path);
    }
    expect({ code: await exit, seen }).toEqual({
      code: 0,
      seen: expect.arrayContaining([expect.stringContaining("✓ Wait for the lock")]),
    });
  });

  it("is taken from a job of CI that died on another machine, once its run is started again, and recorded", async () => {
    const state = join(stage.folder, "state");
    const folder = join(state, ".kvshift", "holds", "kvshift", "dev");
    await mkdir(folder, { recursive: true });
    const since = new Date().toISOString();
    const dead = { pid: 4242, host: "runner-1" };
    const ci = { id: "acme/shop#77", attempt: 1, isHosted: true };
    await writeFile(join(folder, "dead.json"), JSON.stringify({ process: dead, user: "runner", since, ci }));
    const lock = { pid: 4243, username: "runner", hostname: "runner-1", timestamp: since };
    const locks = join(state, ".pulumi", "locks", "organization", "kvshift", "dev");
    await mkdir(locks, { recursive: true });
    await writeFile(join(locks, "22222222-2222-3333-4444-555555555555.json"), JSON.stringify(lock));
    const job = { GITHUB_ACTIONS: "true", GITHUB_REPOSITORY: "acme/shop", GITHUB_RUN_ID: "77" };
    const again = (attempt: string) =>
      stage.kvshiftWith({ ...stage.env, ...job, GITHUB_RUN_ATTEMPT: attempt }, "up", "--stack", "dev", "--yes");
    expect((await again("1")).code).toBe(3);
    const { code, stderr } = await again("2");
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("A lock of acme/shop#77, attempt 1") });
    expect(await readFile(join(state, "audit", "dev.ndjson"), "utf8")).toContain('"step":"break-locks"');
  });
});
