import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { AppError } from "../core/app-error.ts";
import { parsedJsonObject } from "../core/json-object.ts";
import { shellWord } from "../core/shell.ts";
import { ageOf } from "../core/times.ts";
import { type Fate, fateIn, isOnLocalDisk, type Machine } from "../processes/machine.ts";
import { backendFolder } from "./backend.ts";
import { type CiRun, isOver } from "./ci-run.ts";
import { type Hold, type LockedStack, readHolds, removeHold } from "./holds.ts";

/** Who holds a stack. */
export interface StackLock {
  readonly pid: number;
  readonly hostname: string;
  readonly username: string;
  /** RFC 3339. */
  readonly timestamp: string;
  /** Whether it is certain that its process runs; else it is in a place that cannot be looked at from here. */
  readonly isCertain: boolean;
  /** The file that says so. */
  readonly path: string;
}

/** A file that says nothing of its run: being written, torn, or of another form. It counts as live. */
export interface UnreadableLock {
  readonly path: string;
}

export type LiveLock = StackLock | UnreadableLock;

/** From where locks are looked at. */
export interface Lookout {
  readonly machine: Machine;
  /** The CI run that looks; absent: none. */
  readonly ci?: CiRun | undefined;
  /** Milliseconds since the epoch, by the machine's clock. */
  readonly now: number;
  /** Id of the caller's own hold. */
  readonly except?: string;
}

/** A lock whose run has certainly ended, and that is gone now. */
export interface BrokenLock {
  readonly pid: number;
  readonly hostname: string;
  readonly username: string;
  /** RFC 3339. */
  readonly since: string;
  readonly ci?: string;
  readonly why: "its process has ended" | "its CI job has ended";
}

export interface FoundLocks {
  /** Oldest first. */
  readonly live: readonly LiveLock[];
  readonly broken: readonly BrokenLock[];
}

/** As Pulumi writes it: sdk/go, pkg/backend/diy/lock.go. */
const lockSchema = z.object({ pid: z.number(), hostname: z.string(), username: z.string(), timestamp: z.string() });
type PulumiLock = z.infer<typeof lockSchema>;

/** A process that started so much later than a lock was written has been given the id of the one that wrote it. */
const CLOCK_SLACK_MS = 120_000;

/**
 * The locks of a stack on a `file://` backend: kvshift's own holds, and Pulumi's locks beside them. What a run left that
 * has certainly ended is removed: Pulumi never does, and every later run would stop at it. A pid means something only
 * with its boot, its pid namespace and the start of its process, which Pulumi's lock does not tell: the hold of the run
 * that took it does. On another machine a job of CI has certainly ended when none can be so old, or when its run was
 * started again. Whatever is not certain counts as live.
 */
export async function findLocks(locked: LockedStack, lookout: Lookout): Promise<FoundLocks> {
  const root = backendFolder(locked.backendUrl);
  if (root === undefined) return { live: [], broken: [] };
  const { machine, except } = lookout;
  const onLocalDisk = isOnLocalDisk(root);
  const found = (await readHolds(root, locked, machine, onLocalDisk)).filter(({ id }) => id !== except);
  const holds = found.filter((hold) => "fate" in hold).map((hold) => judged(hold, lookout));
  const ended = holds.filter(({ fate }) => fate === "ended");
  const going = holds.filter(({ fate }) => fate !== "ended");
  const live: LiveLock[] = [
    ...going.map(shownHold),
    ...found.filter((hold) => !("fate" in hold)).map(({ path }) => ({ path })),
  ];
  const broken: BrokenLock[] = [];
  const left: PulumiLock[] = [];
  const folder = join(root, ".pulumi", "locks", "organization", locked.project, locked.stack);
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const path = join(folder, name);
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text === undefined) continue; // Gone by now.
    const lock = lockSchema.safeParse(parsedJsonObject(text)).data;
    if (lock === undefined) {
      live.push({ path });
      continue;
    }
    const cover = ended.find((hold) => covers(hold, lock));
    const isOfLiveRun = going.some((hold) => covers(hold, lock));
    const fate = fateOfLock(lock, cover, isOfLiveRun, lookout, onLocalDisk);
    if (fate === "ended") {
      await rm(path, { force: true });
      const { pid, hostname, username, timestamp: since } = lock;
      if (cover === undefined) broken.push({ pid, hostname, username, since, why: PROCESS_ENDED });
    } else {
      left.push(lock);
      // The hold of the same run says it already.
      if (!isOfLiveRun) live.push({ ...lock, isCertain: fate === "running", path });
    }
  }
  // Last: until then it tells whose locks these were.
  for (const { process, user, since, ci, why, path } of ended) {
    if (left.some((lock) => covers({ process, since }, lock))) continue;
    await removeHold(path);
    const job = ci === undefined ? {} : { ci: `${ci.id}, attempt ${String(ci.attempt)}` };
    broken.push({ pid: process.pid, hostname: process.host, username: user, since, ...job, why });
  }
  return { live: live.toSorted((a, b) => startOf(a) - startOf(b)), broken };
}

const PROCESS_ENDED = "its process has ended";
const JOB_ENDED = "its CI job has ended";

type JudgedHold = Hold & Pick<BrokenLock, "why">;

function judged(hold: Hold, { ci, now }: Lookout): JudgedHold {
  const isJobOver =
    hold.fate === "unknown" && hold.ci !== undefined && isOver(hold.ci, Date.parse(hold.since), ci, now);
  return isJobOver ? { ...hold, fate: "ended", why: JOB_ENDED } : { ...hold, why: PROCESS_ENDED };
}

/** Whether somebody else on this machine has locked since that hold was left: its process is seen, and is younger. */
function isSeenSince({ since, process }: Hold, { pid, hostname, timestamp }: PulumiLock, machine: Machine): boolean {
  const [left, written] = [Date.parse(since), Date.parse(timestamp)];
  if (hostname !== machine.host || process.boot === machine.boot) return false;
  return machine
    .processes()
    .some((one) => one.pid === pid && one.startedAt > left && one.startedAt <= written + CLOCK_SLACK_MS);
}

function fateOfLock(
  lock: PulumiLock,
  hold: JudgedHold | undefined,
  isOfLiveRun: boolean,
  { machine, ci, now }: Lookout,
  onLocalDisk: boolean,
): Fate {
  if (hold !== undefined && isSeenSince(hold, lock, machine)) return "running";
  // The job of a hold may have ended, and another one have locked on a machine of the same name.
  const isOfDeadJob = hold?.ci !== undefined && hold.why === JOB_ENDED && !isOfLiveRun;
  if (isOfDeadJob && isOver(hold.ci, Date.parse(lock.timestamp), ci, now)) return "ended";
  const written = Date.parse(lock.timestamp);
  const isItsProcess = ({ startedAt }: { startedAt: number }): boolean => startedAt <= written + CLOCK_SLACK_MS;
  if (hold !== undefined) return fateIn({ ...hold.process, pid: lock.pid }, machine, onLocalDisk, isItsProcess);
  // Nobody knows where it was written, unless every process that could have is seen from here.
  if (lock.hostname !== machine.host || !onLocalDisk || !machine.seesAll) return "unknown";
  const candidates = machine.processes().filter(({ pid }) => pid === lock.pid);
  return candidates.some(isItsProcess) ? "running" : "ended";
}

/** Whether a lock of Pulumi may have been taken under a hold. */
function covers(
  { process, since: from }: Pick<Hold, "process" | "since">,
  { hostname, timestamp }: PulumiLock,
): boolean {
  return process.host === hostname && Date.parse(from) <= Date.parse(timestamp);
}

function shownHold({ process: { pid, host }, user, since: timestamp, fate, path }: Hold): StackLock {
  return { pid, hostname: host, username: user, timestamp, isCertain: fate === "running", path };
}

function startOf(lock: LiveLock): number {
  return "timestamp" in lock ? Date.parse(lock.timestamp) : 0;
}

/** Names who holds the stack, where and for how long. `now`: milliseconds since the epoch. */
export function stackLocked(locks: readonly LiveLock[], now: number): AppError {
  const unreadable = locks.filter((lock) => !("pid" in lock));
  const uncertain = locks.filter((lock): lock is StackLock => "pid" in lock && !lock.isCertain);
  return new AppError("STACK_LOCKED", {
    problem: "Another run holds the lock of this stack.",
    details: locks.map((lock) => lockLine(lock, now)),
    fix: [
      "Wait for it to end (--wait does).",
      ...(uncertain.length > 0
        ? [
            "Whether it still runs cannot be seen from here: it is on another machine, in another container, or of an earlier boot.",
            `Once you know that it is over, delete ${uncertain.map(({ path }) => shellWord(path)).join(" and ")}.`,
          ]
        : []),
      ...(unreadable.length > 0
        ? [`If no run is at work, delete ${unreadable.map(({ path }) => shellWord(path)).join(" and ")}: it was torn.`]
        : []),
    ].join(" "),
    retryable: true,
  });
}

function lockLine(lock: LiveLock, now: number): string {
  if (!("pid" in lock)) return `${lock.path}: empty or torn, or being written`;
  const { pid, username, hostname, timestamp } = lock;
  return `process ${String(pid)} of ${username} on ${hostname}, for ${ageOf(timestamp, now)}`;
}
