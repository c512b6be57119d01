import { mkdir, readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, it } from "vitest";

import { liveLocks, stackLocked } from "../../../src/engine/locks.ts";
import { deadPid } from "../../support/processes.ts";
import { tempDir } from "../../support/temp-dir.ts";

const lock = (pid: number, host = hostname()) =>
  JSON.stringify({ pid, username: "somebody", hostname: host, timestamp: "2026-11-23T00:00:00Z" });

async function backendWith(locks: Readonly<Record<string, string>>, stack = "dev") {
  const root = await tempDir();
  const folder = join(root, ".pulumi", "locks", "organization", "kvshift", stack);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(locks)) await writeFile(join(folder, name), text);
  return { url: pathToFileURL(root).href, left: async () => (await readdir(folder)).toSorted() };
}

const at = (url: string) => ({ backendUrl: url, project: "kvshift", stack: "dev" });

describe("liveLocks", () => {
  it("removes the locks of processes of this machine that are gone, and names every other", async () => {
    const { url, left } = await backendWith({
      "dead-1.json": lock(deadPid()),
      "dead-2.json": lock(deadPid()),
      "live.json": lock(process.pid),
      "elsewhere.json": lock(deadPid(), "another-machine"),
    });
    const found = await liveLocks(at(url));
    expect(found.map(({ hostname: host }) => host).toSorted()).toEqual(["another-machine", hostname()].toSorted());
    expect(await left()).toEqual(["elsewhere.json", "live.json"]);
  });

  it("leaves a lock that it cannot read: it may be in the middle of being written", async () => {
    const { url, left } = await backendWith({ "half.json": lock(deadPid()).slice(0, 20), "other.json": "{}" });
    expect(await liveLocks(at(url))).toEqual([]);
    expect(await left()).toEqual(["half.json", "other.json"]);
  });

  it("leaves the locks of other stacks", async () => {
    const { url, left } = await backendWith({ "dead.json": lock(deadPid()) }, "prod");
    expect(await liveLocks(at(url))).toEqual([]);
    expect(await left()).toEqual(["dead.json"]);
  });

  it("finds none for a stack that was never locked or a backend that is not a folder", async () => {
    expect(await liveLocks(at(pathToFileURL(await tempDir()).href))).toEqual([]);
    expect(await liveLocks(at("s3://bucket"))).toEqual([]);
  });
});

describe("stackLocked", () => {
  const since = Date.parse("2026-11-23T00:00:00Z");
  const held = { pid: 4711, username: "ada", hostname: "build-7", timestamp: "2026-11-23T00:00:00Z" };

  it.each([
    [5_000, "5 s"],
    [600_000, "10 min"],
    [5 * 3_600_000, "5 h"],
    [72 * 3_600_000, "3 days"],
  ])("names process, person, machine and age after %i ms", (ms, age) => {
    const { code, details } = stackLocked([held], since + ms);
    expect({ code, details }).toEqual({
      code: "STACK_LOCKED",
      details: [`process 4711 of ada on build-7, for ${age}`],
    });
  });
});
