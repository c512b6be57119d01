import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, it } from "vitest";

import { type LockedStack, writeHold } from "../../../src/engine/holds.ts";
import type { CiRun } from "../../../src/engine/ci-run.ts";
import { findLocks, type Lookout, stackLocked } from "../../../src/engine/locks.ts";
import type { Machine, SeenProcess } from "../../../src/processes/machine.ts";
import { tempDir } from "../../support/temp-dir.ts";

const WRITTEN = Date.parse("2026-11-23T00:00:00Z");
const LOCKS = [".pulumi", "locks", "organization", "kvshift"];
const HOLDS = [".kvshift", "holds", "kvshift", "dev"];

/** A process that has run since before the locks were written. */
const running = (pid: number, more: Partial<SeenProcess> = {}): SeenProcess => ({
  namespace: "pid:[1]",
  pid,
  start: String(pid),
  startedAt: WRITTEN - 1_000,
  ...more,
});

/** The machine that wrote the locks, with these processes. By default every process is seen. */
function machine(processes: readonly SeenProcess[], more: Partial<Machine> = {}): Machine {
  const namespace = more.namespace ?? "pid:[1]";
  return {
    host: "build-7",
    boot: "boot-1",
    namespace,
    seesAll: true,
    process: (pid) => processes.find((one) => one.pid === pid && one.namespace === namespace),
    processes: () => processes,
    ...more,
  };
}

const lock = (pid: number, hostname = "build-7") =>
  JSON.stringify({ pid, username: "ada", hostname, timestamp: new Date(WRITTEN).toISOString() });

async function backendWith(locks: Readonly<Record<string, string>>, stack = "dev") {
  const root = await tempDir();
  const folder = join(root, ...LOCKS, stack);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(locks)) await writeFile(join(folder, name), text);
  const listed = async (path: string) => (await readdir(path).catch((): string[] => [])).toSorted();
  const at = { backendUrl: pathToFileURL(root).href, project: "kvshift", stack: "dev" };
  return { root, at, folder, left: () => listed(folder), holds: () => listed(join(root, ...HOLDS)) };
}

const HOUR = 3_600_000;
/** Looks a while after the locks were written, from a machine outside CI unless `more` says otherwise. */
const look = async (at: LockedStack, from: Machine, more: Partial<Lookout> = {}) =>
  (await findLocks(at, { machine: from, now: WRITTEN + HOUR, ...more })).live;
const shown = (found: Awaited<ReturnType<typeof look>>) =>
  found.map((one) => ("pid" in one ? `${String(one.pid)}${one.isCertain ? "" : "?"}` : "unreadable"));

describe("Pulumi's locks alone", () => {
  it("go where every process of the machine is seen and theirs is not; those of other machines stay", async () => {
    const { at, left } = await backendWith({
      "dead.json": lock(7),
      "live.json": lock(8),
      "elsewhere.json": lock(9, "another-machine"),
    });
    expect(shown(await look(at, machine([running(8)]))).toSorted()).toEqual(["8", "9?"]);
    expect(await left()).toEqual(["elsewhere.json", "live.json"]);
  });

  it("go where the id of their process was given out again", async () => {
    const { at, left } = await backendWith({ "reused.json": lock(7) });
    expect(await look(at, machine([running(7, { startedAt: WRITTEN + 3_600_000 })]))).toEqual([]);
    expect(await left()).toEqual([]);
  });

  it("stay where their process runs in a container that is seen from here", async () => {
    const { at } = await backendWith({ "inside.json": lock(7) });
    expect(shown(await look(at, machine([running(7, { namespace: "pid:[2]" })])))).toEqual(["7"]);
  });

  it("stay where not every process is seen: theirs may be in another container of the same host name", async () => {
    const { at, left } = await backendWith({ "unknown.json": lock(7) });
    expect(shown(await look(at, machine([], { seesAll: false })))).toEqual(["7?"]);
    expect(await left()).toEqual(["unknown.json"]);
  });

  it.each(["", lock(7).slice(0, 20), "{}"])("are named where they are torn: %j", async (text) => {
    const { at, folder, left } = await backendWith({ "torn.json": text });
    expect(await look(at, machine([]))).toEqual([{ path: join(folder, "torn.json") }]);
    expect(await left()).toEqual(["torn.json"]);
  });

  it("of other stacks are left alone", async () => {
    const { at, left } = await backendWith({ "dead.json": lock(7) }, "prod");
    expect(await look(at, machine([]))).toEqual([]);
    expect(await left()).toEqual(["dead.json"]);
  });

  it("are none for a stack that was never locked or a backend that is not a folder", async () => {
    const at = { backendUrl: pathToFileURL(await tempDir()).href, project: "kvshift", stack: "dev" };
    expect(await look(at, machine([]))).toEqual([]);
    expect(await look({ ...at, backendUrl: "s3://bucket" }, machine([]))).toEqual([]);
  });
});

describe("a hold of kvshift, and Pulumi's lock under it", () => {
  /** Process 5 holds the stack, and its engine, process 7, has locked it. */
  async function held() {
    const backend = await backendWith({ "lock.json": lock(7) });
    const { root, at } = backend;
    await writeHold(root, at, heldBy(machine([running(5)])), "hold", WRITTEN - 500);
    return backend;
  }
  /** The hold is of the process that writes it: let that be process 5. */
  function heldBy(of: Machine): Machine {
    return { ...of, process: () => running(5) };
  }
  const asOwner = (processes: readonly SeenProcess[], more: Partial<Machine> = {}) =>
    machine(
      processes.map((one) => (one.pid === 5 ? { ...one, pid: process.pid } : one)),
      more,
    );

  it("are one lock while the run lives", async () => {
    const { at, left, holds } = await held();
    expect(shown(await look(at, asOwner([running(5), running(7)])))).toEqual([String(process.pid)]);
    expect([await left(), await holds()]).toEqual([["lock.json"], ["hold.json"]]);
  });

  it("go together when both processes have ended, in a container too", async () => {
    const { at, left, holds } = await held();
    expect(await look(at, asOwner([], { seesAll: false }))).toEqual([]);
    expect([await left(), await holds()]).toEqual([[], []]);
  });

  it("go where both ids were given out again", async () => {
    const { at, left, holds } = await held();
    const reused = [running(5, { start: "99" }), running(7, { startedAt: WRITTEN + 3_600_000 })];
    expect(await look(at, asOwner(reused, { seesAll: false }))).toEqual([]);
    expect([await left(), await holds()]).toEqual([[], []]);
  });

  it("stay both while the engine of a killed run is still at work", async () => {
    const { at, holds } = await held();
    expect(shown(await look(at, asOwner([running(7)], { seesAll: false })))).toEqual(["7"]);
    expect(await holds()).toEqual(["hold.json"]);
  });

  it("stay in the eyes of another container of the same host name, which sees neither process", async () => {
    const { at, left, holds } = await held();
    const elsewhere = asOwner([running(5), running(7)], { namespace: "pid:[2]", seesAll: false });
    expect(shown(await look(at, elsewhere))).toEqual([`${String(process.pid)}?`]);
    expect([await left(), await holds()]).toEqual([["lock.json"], ["hold.json"]]);
  });

  it("go after the next boot of the machine", async () => {
    const { at, left, holds } = await held();
    expect(await look(at, asOwner([running(5), running(7)], { boot: "boot-2", seesAll: false }))).toEqual([]);
    expect([await left(), await holds()]).toEqual([[], []]);
  });

  it.each(["", '{"process":{"pid":5', "{}", '{"process":{"pid":5},"user":"ada","since":"now","form":9}'])(
    "are named, and not passed over, where the hold cannot be read: %j",
    async (text) => {
      const { root, at, holds } = await backendWith({});
      const path = join(root, ...HOLDS, "torn.json");
      await mkdir(join(root, ...HOLDS), { recursive: true });
      await writeFile(path, text);
      expect(await look(at, machine([]))).toEqual([{ path }]);
      expect(await holds()).toEqual(["torn.json"]);
    },
  );

  it("do not stand in the way of the run itself", async () => {
    const { at } = await held();
    expect(shown(await look(at, asOwner([running(5)]), { except: "hold" }))).toEqual([]);
  });
});

describe("a hold that a job of CI left on another machine", () => {
  const RUN = { id: "acme/shop#77", attempt: 1, isHosted: true };
  const elsewhere = machine([], { host: "build-8", boot: "boot-8" });
  const overall = async (at: LockedStack, more: Partial<Lookout>) =>
    findLocks(at, { machine: elsewhere, now: WRITTEN, ...more });
  /** Its disk is one that several machines write: on one of its own, another boot would say enough. */
  async function left(ci?: CiRun) {
    const backend = await backendWith({ "lock.json": lock(7) });
    const outside = { ...machine([]), boot: undefined, process: () => running(5) };
    await writeHold(backend.root, backend.at, outside, "hold", WRITTEN - 500, ci);
    return backend;
  }

  it("goes with Pulumi's lock once no job of GitHub's machines can be so old, and is named", async () => {
    const { at, left: locks, holds } = await left(RUN);
    expect(shown((await overall(at, { now: WRITTEN + 6 * HOUR - 1000 })).live)).toEqual([`${String(process.pid)}?`]);
    expect(await overall(at, { now: WRITTEN + 6 * HOUR + 1 })).toEqual({
      live: [],
      broken: [
        {
          pid: process.pid,
          hostname: "build-7",
          username: expect.any(String),
          since: new Date(WRITTEN - 500).toISOString(),
          ci: "acme/shop#77, attempt 1",
          why: "its CI job has ended",
        },
      ],
    });
    expect([await locks(), await holds()]).toEqual([[], []]);
  });

  it("is given five days on a machine of the team's own", async () => {
    const { at } = await left({ ...RUN, isHosted: false });
    expect((await overall(at, { now: WRITTEN + 119 * HOUR })).live).toHaveLength(1);
    expect((await overall(at, { now: WRITTEN + 121 * HOUR })).live).toEqual([]);
  });

  it("goes at once when the same run is started again, and stays for another job of the same attempt", async () => {
    const { at } = await left(RUN);
    expect((await overall(at, { ci: RUN })).live).toHaveLength(1);
    expect((await overall(at, { ci: { ...RUN, id: "acme/shop#78", attempt: 2 } })).live).toHaveLength(1);
    expect((await overall(at, { ci: { ...RUN, attempt: 2 } })).live).toEqual([]);
  });

  it("does not take the lock of a process that is seen, although its hold has ended", async () => {
    const { at, left: locks } = await left(RUN);
    const here = machine([running(7, { startedAt: WRITTEN - 200 })], { boot: "boot-2" });
    expect(shown((await findLocks(at, { machine: here, now: WRITTEN + 7 * HOUR })).live)).toEqual(["7"]);
    expect(await locks()).toEqual(["lock.json"]);
  });

  it("stays for ever outside CI, where nothing bounds how long a person's run takes", async () => {
    const { at } = await left();
    expect((await overall(at, { now: WRITTEN + 9999 * HOUR })).live).toHaveLength(1);
  });

  it("does not take the lock of a later run on a machine of the same name with it", async () => {
    const { root, at, left: locks } = await left(RUN);
    const outside = { ...machine([]), boot: undefined, process: () => running(5) };
    await writeHold(root, at, outside, "later", WRITTEN - 100, { ...RUN, id: "acme/shop#78", isHosted: false });
    expect((await overall(at, { now: WRITTEN + 7 * HOUR })).live).toHaveLength(1);
    expect(await locks()).toEqual(["lock.json"]);
  });
});

describe("stackLocked", () => {
  const held = {
    pid: 4711,
    username: "ada",
    hostname: "build-7",
    timestamp: "2026-11-23T00:00:00Z",
    isCertain: true,
    path: "/state/.pulumi/locks/1.json",
  };

  it.each([
    [5_000, "5 s"],
    [600_000, "10 min"],
    [5 * 3_600_000, "5 h"],
    [72 * 3_600_000, "3 days"],
  ])("names process, person, machine and age after %i ms", (ms, age) => {
    const { code, details } = stackLocked([held], WRITTEN + ms);
    expect({ code, details }).toEqual({
      code: "STACK_LOCKED",
      details: [`process 4711 of ada on build-7, for ${age}`],
    });
  });

  it("says which file to delete only where it cannot know that the run is over", () => {
    expect(stackLocked([held], WRITTEN).fix).not.toContain(held.path);
    expect(stackLocked([{ ...held, isCertain: false }], WRITTEN).fix).toContain(`delete ${held.path}`);
    expect(stackLocked([{ path: held.path }], WRITTEN)).toMatchObject({
      details: [`${held.path}: empty or torn, or being written`],
      fix: expect.stringContaining(`delete ${held.path}`),
    });
  });
});
