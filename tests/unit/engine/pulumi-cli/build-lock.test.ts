import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { type Lock, takeLock } from "../../../../src/engine/pulumi-cli/build-lock.ts";
import { identityOf, thisMachine } from "../../../../src/processes/machine.ts";
import { deadPid, idleProcess } from "../../../support/processes.ts";
import { tempDir } from "../../../support/temp-dir.ts";

async function lockHolding(text: string): Promise<string> {
  const folder = join(await tempDir(), "build.locks");
  await mkdir(folder);
  await writeFile(join(folder, "of-another"), text);
  return folder;
}

/** What a process writes into its lock. */
const identity = (pid: number) => JSON.stringify(identityOf(thisMachine(), pid));

/** The process ids in a folder of locks. */
async function holdersIn(folder: string): Promise<unknown[]> {
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.map((text) => (JSON.parse(text) as { pid?: unknown }).pid);
}

function isTaken(result: Awaited<ReturnType<typeof takeLock>>): result is Lock {
  return "release" in result;
}

describe("takeLock", () => {
  it("makes the folder, names the holder, and leaves nothing when released", async () => {
    const folder = join(await tempDir(), "deep", "build.locks");
    const lock = await takeLock(folder);
    expect(isTaken(lock)).toBe(true);
    expect(await holdersIn(folder)).toEqual([process.pid]);
    if (isTaken(lock)) await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it("names a live holder and leaves its lock alone", async () => {
    const holder = await idleProcess();
    const folder = await lockHolding(identity(holder.pid));
    expect(await takeLock(folder)).toEqual({ heldBy: holder.pid });
    expect(await readdir(folder)).toEqual(["of-another"]);
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
    const folder = await lockHolding(text());
    expect(isTaken(await takeLock(folder))).toBe(true);
    expect(await holdersIn(folder)).toEqual([process.pid]);
  });

  // Two that had judged one dead holder both went on: each removed what it found, which was the other one's by then.
  it.each(["free", "of a dead process"])(
    "never has two holders where many ask at once for one that is %s",
    async (how) => {
      const processes = await Promise.all(Array.from({ length: 6 }, () => idleProcess()));
      const folder = how === "free" ? join(await tempDir(), "build.locks") : await lockHolding(identity(deadPid()));
      let held = 0;
      let most = 0;
      let times = 0;
      const askUntilHeld = async (pid: number): Promise<void> => {
        for (;;) {
          const result = await takeLock(folder, pid);
          if (!isTaken(result)) continue;
          held += 1;
          most = Math.max(most, held);
          times += 1;
          // What others do meanwhile is seen after this.
          await readdir(folder);
          held -= 1;
          await result.release();
          return;
        }
      };
      await Promise.all(processes.map(({ pid }) => askUntilHeld(pid)));
      expect({ most, times }).toEqual({ most: 1, times: processes.length });
    },
  );

  it("fails where the lock cannot be written", async () => {
    const folder = join(await tempDir(), "build.locks");
    await writeFile(folder, "");
    await expect(takeLock(folder)).rejects.toThrow(folder);
  });
});
