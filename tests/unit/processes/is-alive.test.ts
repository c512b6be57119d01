import { once } from "node:events";

import { describe, expect, it } from "vitest";

import { isAlive } from "../../../src/processes/is-alive.ts";
import { deadPid, eventually, idleProcess, isGone, startAndRead } from "../../support/processes.ts";

/** A parent that does not wait for its child; `exec` leaves the shell's child to a program that knows nothing of it. */
const NEGLIGENT_PARENT = "sleep 0 & echo $!; exec tail -f /dev/null";

describe("isAlive", () => {
  it("holds for this process and for a child until it has ended", async () => {
    const child = await idleProcess();
    expect([isAlive(process.pid), isAlive(child.pid)]).toEqual([true, true]);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isAlive(child.pid)).toBe(false);
  });

  it("holds for a process of another user", () => {
    expect(isAlive(1)).toBe(true);
  });

  it("does not hold for an id that nobody has any more", () => {
    expect(isAlive(deadPid())).toBe(false);
  });

  it("does not hold for a process that has ended and that nobody waited for", async () => {
    const { lines } = await startAndRead("/bin/sh", ["-c", NEGLIGENT_PARENT], 1);
    const pid = Number(lines[0]);
    await eventually("the child has ended", () => isGone(pid));
    expect(isAlive(pid)).toBe(false);
  });
});
