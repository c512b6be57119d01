import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, statfsSync } from "node:fs";
import { hostname } from "node:os";

import { z } from "zod";

/** A process as somebody on another machine, in another container or after another boot can tell it from others. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Another one after each boot; absent where the system does not tell. */
  readonly boot?: string | undefined;
  /** The namespace in which the pid counts: https://man7.org/linux/man-pages/man7/pid_namespaces.7.html */
  readonly namespace?: string | undefined;
  /** When it started, as the system counts it: ids are given out again. */
  readonly start?: string | undefined;
}

/** How it is written into a file. */
export const processIdentitySchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  boot: z.string().optional(),
  namespace: z.string().optional(),
  start: z.string().optional(),
});

/** A process that is seen here. */
export interface SeenProcess {
  readonly namespace: string | undefined;
  /** Its id there. */
  readonly pid: number;
  readonly start: string;
  /** Milliseconds since the epoch, by the clock of now. */
  readonly startedAt: number;
}

/** What can be seen of the processes of this machine, from where this process runs. */
export interface Machine {
  readonly host: string;
  readonly boot: string | undefined;
  readonly namespace: string | undefined;
  /** Whether every process of the machine is seen, those in containers too. */
  readonly seesAll: boolean;
  /** The running process of an id in this namespace. Zombies run no more. */
  process(pid: number): SeenProcess | undefined;
  /** Every running process, with the id that it has in its own namespace. */
  processes(): readonly SeenProcess[];
}

/** `ended` and `running` are certain. `unknown`: in a place that cannot be looked at from here. */
export type Fate = "running" | "ended" | "unknown";

/** The first pid namespace of a Linux system has always this number: include/linux/proc_ns.h, PROC_PID_INIT_INO. */
const FIRST_NAMESPACE = "pid:[4026531836]";
const TICKS_PER_SECOND = 100; // USER_HZ is 100 on every architecture that Node.js runs on.

/** This machine, as the system describes it at each call. */
export function thisMachine(): Machine {
  return process.platform === "linux" ? linux() : otherSystem();
}

/** How a process of this machine is known elsewhere. */
export function identityOf(machine: Machine, pid = process.pid): ProcessIdentity {
  const { host, boot, namespace } = machine;
  return { pid, host, boot, namespace, start: machine.process(pid)?.start };
}

/**
 * What became of a process, as far as it can be known here. `onLocalDisk`: where its record lies on a disk that only this
 * machine writes, a process of another boot has ended.
 */
export function fateOf(identity: ProcessIdentity, machine: Machine, onLocalDisk: boolean): Fate {
  const { start } = identity;
  return fateIn(identity, machine, onLocalDisk, (seen) => seen.start === start);
}

/** As `fateOf`, where `isIt` tells whether a process of that id is the one that is meant. */
export function fateIn(
  { pid, boot, namespace }: Pick<ProcessIdentity, "pid" | "boot" | "namespace">,
  machine: Machine,
  onLocalDisk: boolean,
  isIt: (seen: SeenProcess) => boolean,
): Fate {
  if (boot === undefined || machine.boot === undefined) return "unknown";
  if (boot !== machine.boot) return onLocalDisk ? "ended" : "unknown";
  if (namespace === machine.namespace) {
    const seen = machine.process(pid);
    return seen !== undefined && isIt(seen) ? "running" : "ended";
  }
  if (!machine.seesAll) return "unknown";
  const there = machine.processes().filter((seen) => seen.namespace === namespace && seen.pid === pid);
  return there.some(isIt) ? "running" : "ended";
}

/** File systems of disks that one machine alone writes: linux/magic.h; APFS and HFS+ on macOS. */
const LOCAL_FILE_SYSTEMS: ReadonlySet<number> = new Set(
  process.platform === "linux"
    ? [0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x858458f6, 0x2fc12fc1, 0xf2f52010, 0x794c7630]
    : [0x1a, 0x11],
);

/** Whether only this machine writes the disk of a folder; a network or an unknown file system may be written by others. */
export function isOnLocalDisk(folder: string): boolean {
  try {
    return LOCAL_FILE_SYSTEMS.has(statfsSync(folder).type);
  } catch {
    return false;
  }
}

function linux(): Machine {
  const namespace = orUndefined(() => readlinkSync("/proc/self/ns/pid"));
  return {
    host: hostname(),
    boot: orUndefined(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    namespace,
    seesAll: namespace === FIRST_NAMESPACE,
    process: (pid) => seenOnLinux(pid, namespace, pid, bootedAt()),
    processes: () => {
      const booted = bootedAt();
      return readdirSync("/proc").flatMap((name) => {
        const pid = Number(name);
        if (!Number.isInteger(pid)) return [];
        const status = orUndefined(() => readFileSync(`/proc/${name}/status`, "utf8"));
        const inner = /^NSpid:.*?(\d+)$/m.exec(status ?? "")?.[1];
        const where = orUndefined(() => readlinkSync(`/proc/${name}/ns/pid`));
        return seenOnLinux(pid, where, Number(inner ?? pid), booted) ?? [];
      });
    },
  };
}

/** When the system started, in seconds since the epoch by the clock of now. */
function bootedAt(): number {
  return Number(/^btime (\d+)$/m.exec(orUndefined(() => readFileSync("/proc/stat", "utf8")) ?? "")?.[1]);
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function seenOnLinux(
  pid: number,
  namespace: string | undefined,
  ownPid: number,
  booted: number,
): SeenProcess | undefined {
  const stat = orUndefined(() => readFileSync(`/proc/${String(pid)}/stat`, "utf8"));
  // The command stands in parentheses and may hold anything; the state follows it, the start is the 22nd field.
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  const start = fields[18];
  if (state === undefined || start === undefined || state === "Z" || state === "X") return undefined;
  const startedAt = (booted + Number(start) / TICKS_PER_SECOND) * 1000;
  return { namespace, pid: ownPid, start, startedAt };
}

/** What a command prints; `undefined` where it fails or says nothing. */
function ask(command: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  return status === 0 && stdout.trim() !== "" ? stdout.trim() : undefined;
}

/** macOS has no pid namespaces, and every process is seen. */
function otherSystem(): Machine {
  const seen = (pid: number): SeenProcess | undefined => {
    const answer = ask("ps", "-o", "stat=,lstart=", "-p", String(pid));
    const [, state, start] = /^(\S+)\s+(.*)$/.exec(answer ?? "") ?? [];
    if (state === undefined || start === undefined || state.startsWith("Z")) return undefined;
    return { namespace: undefined, pid, start, startedAt: Date.parse(start) };
  };
  return {
    host: hostname(),
    boot: ask("sysctl", "-n", "kern.bootsessionuuid"),
    namespace: undefined,
    seesAll: true,
    process: seen,
    processes: () => (ask("ps", "-axo", "pid=") ?? "").split("\n").flatMap((pid) => seen(Number(pid)) ?? []),
  };
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // Not on this system, not ours to see, or gone.
  }
}
