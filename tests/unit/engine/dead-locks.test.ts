import { mkdir, readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, it } from "vitest";

import { removeDeadLocks } from "../../../src/engine/dead-locks.ts";
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

describe("removeDeadLocks", () => {
  it("removes the locks of processes of this machine that are gone, and no other", async () => {
    const { url, left } = await backendWith({
      "dead-1.json": lock(deadPid()),
      "dead-2.json": lock(deadPid()),
      "live.json": lock(process.pid),
      "elsewhere.json": lock(deadPid(), "another-machine"),
    });
    expect(await removeDeadLocks(url, "kvshift", "dev")).toBe(2);
    expect(await left()).toEqual(["elsewhere.json", "live.json"]);
  });

  it("leaves a lock that it cannot read: it may be in the middle of being written", async () => {
    const { url, left } = await backendWith({ "half.json": lock(deadPid()).slice(0, 20), "other.json": "{}" });
    expect(await removeDeadLocks(url, "kvshift", "dev")).toBe(0);
    expect(await left()).toEqual(["half.json", "other.json"]);
  });

  it("leaves the locks of other stacks", async () => {
    const { url, left } = await backendWith({ "dead.json": lock(deadPid()) }, "prod");
    expect(await removeDeadLocks(url, "kvshift", "dev")).toBe(0);
    expect(await left()).toEqual(["dead.json"]);
  });

  it("does nothing for a stack that was never locked or a backend that is not a folder", async () => {
    expect(await removeDeadLocks(pathToFileURL(await tempDir()).href, "kvshift", "dev")).toBe(0);
    expect(await removeDeadLocks("s3://bucket", "kvshift", "dev")).toBe(0);
  });
});
