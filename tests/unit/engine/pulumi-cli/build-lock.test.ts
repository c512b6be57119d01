import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";

import { type Lock, takeLock } from "../../../../src/engine/pulumi-cli/build-lock.ts";
import { identityOf, thisMachine } from "../../../../src/processes/machine.ts";
import { deadPid, idleProcess } from "../../../support/processes.ts";
import { tempDir } from "../../../support/temp-dir.ts";

async function lockHolding(text: string): Promise<string> {
  const path = join(await tempDir(), "build.lock");
  await writeFile(path, text);
  return path;
}

/** What a process writes into its lock. */
const identity = (pid: number) => JSON.stringify(identityOf(thisMachine(), pid));

async function holderOf(path: string): Promise<unknown> {
  return (JSON.parse(await readFile(path, "utf8")) as { pid?: unknown }).pid;
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
    expect(await holderOf(path)).toBe(process.pid);
    if (isTaken(lock)) await lock.release();
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it("names a live holder and leaves its lock alone", async () => {
    const holder = await idleProcess();
    const text = identity(holder.pid);
    const path = await lockHolding(text);
    expect(await takeLock(path)).toEqual({ heldBy: holder.pid });
    expect(await readFile(path, "utf8")).toBe(text);
    expect(await readdir(dirname(path))).toEqual(["build.lock"]);
  });

  it.each([
    ["a dead process", () => identity(deadPid())],
    ["a process whose id was given out again", () => identity(1).replace(/"start":"\d+"/, '"start":"1"')],
    ["nobody", () => ""],
    ["something else", () => "not a process id"],
    ["process 0", () => identity(1).replace('"pid":1', '"pid":0')],
    ["a process group", () => identity(1).replace('"pid":1', '"pid":-1')],
    ["this very process", () => identity(process.pid)],
  ])("takes over a lock that names %s", async (_who, text) => {
    const path = await lockHolding(text());
    expect(isTaken(await takeLock(path))).toBe(true);
    expect(await holderOf(path)).toBe(process.pid);
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
