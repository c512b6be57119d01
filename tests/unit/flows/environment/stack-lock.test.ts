import { mkdir, readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, it } from "vitest";

import { holdStack } from "../../../../src/flows/environment/stack-lock.ts";
import { type Machine, thisMachine } from "../../../../src/processes/machine.ts";
import { eventually, idleProcess } from "../../../support/processes.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { recordingOutput } from "../../cli/recording-output.ts";

const MACHINE: Machine = { ...thisMachine(), seesAll: true };

function context(now = Date.now()) {
  const clock = { now: () => now };
  const recorded = recordingOutput({ clock });
  const interrupt = new AbortController();
  return { ...recorded, run: { env: {}, clock, emit: recorded.output.emit, signal: interrupt.signal }, interrupt };
}

async function freeStack() {
  const root = await tempDir();
  const stack = { backendUrl: pathToFileURL(root).href, project: "kvshift", stack: "dev" };
  const holds = () => readdir(join(root, ".kvshift", "holds", "kvshift", "dev"));
  return { root, stack, holds };
}

/** A stack that a process of this machine has locked, and a clock that stands half a minute later. */
async function lockedStack() {
  const free = await freeStack();
  const folder = join(free.root, ".pulumi", "locks", "organization", "kvshift", "dev");
  await mkdir(folder, { recursive: true });
  const holder = await idleProcess();
  const since = Date.now();
  const lock = { pid: holder.pid, username: "ada", hostname: hostname(), timestamp: new Date(since).toISOString() };
  await writeFile(join(folder, "lock.json"), JSON.stringify(lock));
  const text = `process ${String(holder.pid)} of ada on ${hostname()}, for 30 s`;
  return { ...free, holder, text, later: since + 30_000 };
}

describe("holdStack", () => {
  it("takes a free stack without a word, and leaves nothing when the run has ended", async () => {
    const { stack, holds } = await freeStack();
    const { run, stderr } = context();
    for (const wait of [false, true]) {
      const hold = await holdStack(stack, wait, run, MACHINE);
      expect(await holds()).toHaveLength(1);
      await hold[Symbol.asyncDispose]();
      expect(await holds()).toEqual([]);
    }
    expect(stderr()).toBe("");
  });

  it("refuses a stack that another run holds, and names who holds it", async () => {
    const { stack, text, later } = await lockedStack();
    await expect(holdStack(stack, false, context(later).run, MACHINE)).rejects.toMatchObject({
      code: "STACK_LOCKED",
      details: [text],
      retryable: true,
    });
  });

  it("waits until the holder has gone, and says whom it waits for", async () => {
    const { stack, text, holder, later } = await lockedStack();
    const { run, stderr } = context(later);
    const waiting = holdStack(stack, true, run, MACHINE);
    await eventually("it says that it waits", () => stderr().includes(text));
    holder.kill("SIGKILL");
    await waiting;
    expect(stderr()).toBe(
      `› Wait for the lock of the stack (${text})\n✓ Wait for the lock of the stack\n  A lock of process ${String(holder.pid)} on ${hostname()} was in the way and is gone: its process has ended.\n`,
    );
  });

  it("stops to wait when it is interrupted, also in the middle of a pause", async () => {
    const { stack, text, later } = await lockedStack();
    const { run, interrupt, stderr } = context(later);
    const waiting = holdStack(stack, true, run, MACHINE);
    await eventually("it says that it waits", () => stderr().includes(text));
    interrupt.abort();
    await expect(waiting).rejects.toMatchObject({ code: "STACK_LOCKED" });
    await expect(holdStack(stack, true, run, MACHINE)).rejects.toMatchObject({ code: "STACK_LOCKED" });
  });

  it("gives the stack to one of many runs that come at once, and to each in turn where they wait", async () => {
    const { stack, holds } = await freeStack();
    const { run } = context();
    const runs = Array.from({ length: 8 }, () => holdStack(stack, false, run, MACHINE));
    const results = await Promise.allSettled(runs);
    const taken = results.filter((result) => result.status === "fulfilled");
    expect(taken.length).toBeLessThanOrEqual(1);
    for (const { value } of taken) await value[Symbol.asyncDispose]();
    let [inside, most] = [0, 0];
    const turns = Array.from({ length: 4 }, async () => {
      const hold = await holdStack(stack, true, run, MACHINE);
      most = Math.max(most, (inside += 1));
      await holds();
      inside -= 1;
      await hold[Symbol.asyncDispose]();
    });
    await Promise.all(turns);
    expect({ most, left: await holds() }).toEqual({ most: 1, left: [] });
  });
});
