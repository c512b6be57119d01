import { once } from "node:events";

import { describe, expect, it } from "vitest";

import { fateOf, identityOf, type Machine, type SeenProcess, thisMachine } from "../../../src/processes/machine.ts";
import { deadPid, eventually, idleProcess, isGone, startAndRead } from "../../support/processes.ts";

/** A parent that does not wait for its child; `exec` leaves the shell's child to a program that knows nothing of it. */
const NEGLIGENT_PARENT = "sleep 0 & echo $!; exec tail -f /dev/null";

describe("the processes of this machine", () => {
  it("are seen until they have ended, each with its start", async () => {
    const machine = thisMachine();
    const child = await idleProcess();
    expect(machine.process(process.pid)).toMatchObject({ pid: process.pid });
    expect(Math.abs((machine.process(child.pid)?.startedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(machine.processes().some(({ pid }) => pid === child.pid)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(machine.process(child.pid)).toBeUndefined();
  });

  it("are seen whoever they belong to, and not where nobody has the id", () => {
    expect(thisMachine().process(1)).toBeDefined();
    expect(thisMachine().process(deadPid())).toBeUndefined();
  });

  it("are not seen any more when they have ended and nobody waited for them", async () => {
    const { lines } = await startAndRead("/bin/sh", ["-c", NEGLIGENT_PARENT], 1);
    const pid = Number(lines[0]);
    await eventually("the child has ended", () => isGone(pid));
    expect(thisMachine().process(pid)).toBeUndefined();
  });
});

/** A machine with these processes, of which those of its own namespace are found by id. */
function machineWith(seen: readonly SeenProcess[], more: Partial<Machine> = {}): Machine {
  const namespace = more.namespace ?? "pid:[1]";
  return {
    host: "build-7",
    boot: "boot-1",
    namespace,
    seesAll: false,
    process: (pid) => seen.find((one) => one.pid === pid && one.namespace === namespace),
    processes: () => seen,
    ...more,
  };
}

describe("what became of a process", () => {
  const HERE: SeenProcess = { namespace: "pid:[1]", pid: 7, start: "100", startedAt: 0 };
  const INSIDE: SeenProcess = { namespace: "pid:[2]", pid: 7, start: "200", startedAt: 0 };
  const identity = identityOf(machineWith([HERE]), 7);

  it.each([
    ["running", "where it is seen", machineWith([HERE]), true],
    ["ended", "where it is not", machineWith([]), true],
    ["ended", "where its id was given out again", machineWith([{ ...HERE, start: "101" }]), true],
    ["unknown", "from another container", machineWith([], { namespace: "pid:[2]" }), true],
    ["running", "from outside of its container", machineWith([HERE], { namespace: "pid:[0]", seesAll: true }), true],
    [
      "ended",
      "from outside, where its container is gone",
      machineWith([INSIDE], { namespace: "pid:[0]", seesAll: true }),
      true,
    ],
    ["ended", "after another boot of the machine whose disk it is", machineWith([HERE], { boot: "boot-2" }), true],
    ["unknown", "on a disk that other machines write, too", machineWith([HERE], { boot: "boot-2" }), false],
    ["unknown", "where the system does not tell its boot", machineWith([HERE], { boot: undefined }), true],
  ] as const)("is %s %s", (fate, _where, machine, onLocalDisk) => {
    expect(fateOf(identity, machine, onLocalDisk)).toBe(fate);
  });
});
