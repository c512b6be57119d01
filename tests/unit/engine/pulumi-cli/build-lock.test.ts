import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";

import { type Lock, takeLock } from "../../../../src/engine/pulumi-cli/build-lock.ts";
import { deadPid, idleProcess } from "../../../support/processes.ts";
import { tempDir } from "../../../support/temp-dir.ts";

async function lockHolding(text: string): Promise<string> {
  const path = join(await tempDir(), "build.lock");
  await writeFile(path, text);
  return path;
}

function isTaken(result: Awaited<ReturnType<typeof takeLock>>): result is Lock {
  return "release" in result;
}

describe("takeLock", () => {
  it("makes the folder, names the holder, and leaves nothing when released", async () => {
    const path = join(await tempDir(), "deep", "build.lock");
    const lock = await takeLock(path);
    expect(isTaken(lock)).toBe(true);
    expect(await readdir(dirname(path))).toEqual(["build.lock"]);
    expect(await readFile(path, "utf8")).toBe(String(process.pid));
    if (isTaken(lock)) await lock.release();
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it("names a live holder and leaves its lock alone", async () => {
    const holder = await idleProcess();
    const path = await lockHolding(String(holder.pid));
    expect(await takeLock(path)).toEqual({ heldBy: holder.pid });
    expect(await readFile(path, "utf8")).toBe(String(holder.pid));
    expect(await readdir(dirname(path))).toEqual(["build.lock"]);
  });

  it.each([
    ["a dead process", () => String(deadPid())],
    ["nobody", () => ""],
    ["something else", () => "not a process id"],
    ["process 0", () => "0"],
    ["a process group", () => "-1"],
    ["this very process: an earlier one had its id", () => String(process.pid)],
  ])("takes over a lock that names %s", async (_who, text) => {
    const path = await lockHolding(text());
    expect(isTaken(await takeLock(path))).toBe(true);
    expect(await readFile(path, "utf8")).toBe(String(process.pid));
  });

  it("gives the lock to one of several processes that ask at once", async () => {
    const holders = await Promise.all([idleProcess(), idleProcess(), idleProcess()]);
    const path = join(await tempDir(), "build.lock");
    const results = await Promise.all(holders.map(({ pid }) => takeLock(path, pid)));
    const winners = holders.filter((_, index) => "release" in (results[index] ?? {})).map(({ pid }) => pid);
    expect(winners).toHaveLength(1);
    expect(results.filter((result) => !isTaken(result))).toEqual([{ heldBy: winners[0] }, { heldBy: winners[0] }]);
  });

  it("fails where the lock cannot be written", async () => {
    const path = join(await tempDir(), "build.lock");
    await mkdir(path);
    await expect(takeLock(path)).rejects.toThrow(path);
  });
});
