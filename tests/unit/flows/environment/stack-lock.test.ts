import { mkdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, it } from "vitest";

import { respectLock } from "../../../../src/flows/environment/stack-lock.ts";
import { eventually, idleProcess } from "../../../support/processes.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { recordingOutput } from "../../cli/recording-output.ts";

const SINCE = "2026-11-23T00:00:00Z";
const clock = { now: () => Date.parse("2026-11-23T00:00:30Z") };

function context() {
  const recorded = recordingOutput({ clock });
  const interrupt = new AbortController();
  const world = {
    cwd: "/",
    env: {},
    clock,
    emit: recorded.output.emit,
    signal: interrupt.signal,
    confirm: () => Promise.resolve(false),
  };
  return { ...recorded, world, interrupt };
}

/** A stack that a process of this machine holds for half a minute. */
async function heldStack() {
  const root = await tempDir();
  const folder = join(root, ".pulumi", "locks", "organization", "kvshift", "dev");
  await mkdir(folder, { recursive: true });
  const holder = await idleProcess();
  const lock = { pid: holder.pid, username: "ada", hostname: hostname(), timestamp: SINCE };
  await writeFile(join(folder, "lock.json"), JSON.stringify(lock));
  const text = `process ${String(holder.pid)} of ada on ${hostname()}, for 30 s`;
  return { holder, text, stack: { backendUrl: pathToFileURL(root).href, project: "kvshift", stack: "dev" } };
}

describe("respectLock", () => {
  it("goes on at once and without a word where nobody holds the stack", async () => {
    const { world, stderr } = context();
    const stack = { backendUrl: pathToFileURL(await tempDir()).href, project: "kvshift", stack: "dev" };
    await respectLock(stack, false, world);
    await respectLock(stack, true, world);
    expect(stderr()).toBe("");
  });

  it("refuses a stack that another run holds, and names who holds it", async () => {
    const { stack, text } = await heldStack();
    await expect(respectLock(stack, false, context().world)).rejects.toMatchObject({
      code: "STACK_LOCKED",
      details: [text],
      retryable: true,
    });
  });

  it("waits until the holder has gone, and says whom it waits for", async () => {
    const { stack, text, holder } = await heldStack();
    const { world, stderr } = context();
    const waiting = respectLock(stack, true, world);
    await eventually("it says that it waits", () => stderr().includes(text));
    holder.kill("SIGKILL");
    await waiting;
    expect(stderr()).toBe(`› Wait for the lock of the stack (${text})\n✓ Wait for the lock of the stack\n`);
  });

  it("stops to wait when it is interrupted", async () => {
    const { stack } = await heldStack();
    const { world, interrupt } = context();
    interrupt.abort();
    await expect(respectLock(stack, true, world)).rejects.toMatchObject({ code: "STACK_LOCKED" });
  });
});
