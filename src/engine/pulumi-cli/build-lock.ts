import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { parsedJsonObject } from "../../core/json-object.ts";
import { pause } from "../../core/run-context.ts";
import {
  fateOf,
  identityOf,
  isOnLocalDisk,
  type Machine,
  processIdentitySchema,
  thisMachine,
} from "../../processes/machine.ts";

export interface Lock {
  release(): Promise<void>;
}

/** No build takes so long: one whose process cannot be looked at from here was left behind. */
const LONGEST_BUILD_MS = 60 * 60_000;
/** How often one that came first looks whether one that came at the same time has stepped back. */
const LOOKS_AT_ONCE = 20;
const LOOK_MS = 50;

/**
 * Takes the lock of `folder` for this process, or returns the process id of its live holder. Each process has a file of
 * its own name there, which it writes before it looks for others: of two at least one sees the other. The one of the
 * greater name steps back at once, the other one gives it the time to. What a dead one left is removed by its name, which
 * nobody else ever has: no two can take over one lock. Not `proper-lockfile`: that one judges by the clock alone, so that
 * a build which the machine stalls for a while loses its lock, and it has had no release for years.
 */
export async function takeLock(
  folder: string,
  pid = process.pid,
  machine: Machine = thisMachine(),
): Promise<Lock | { readonly heldBy: number }> {
  await mkdir(folder, { recursive: true });
  const name = randomUUID();
  const own = join(folder, name);
  const text = JSON.stringify(identityOf(machine, pid));
  const before = await liveHolders(folder, name, text, machine);
  if (before[0] !== undefined) return { heldBy: before[0].pid };
  // Renamed into place: nobody ever sees a lock that does not name its holder yet.
  await writeFile(`${own}.draft`, text);
  await rename(`${own}.draft`, own);
  let holder: Holder | undefined;
  for (let looks = 0; looks < LOOKS_AT_ONCE; looks += 1) {
    const others = await liveHolders(folder, name, text, machine);
    [holder] = others;
    if (holder === undefined) return { release: () => rm(own, { force: true }) };
    if (others.some((other) => other.name < name)) break;
    await pause(LOOK_MS);
  }
  await rm(own, { force: true });
  return { heldBy: holder?.pid ?? 0 };
}

interface Holder {
  readonly name: string;
  readonly pid: number;
}

/** Those that hold the lock or ask for it, beside this process; what dead ones left is removed. */
async function liveHolders(folder: string, own: string, ownText: string, machine: Machine): Promise<Holder[]> {
  const holders: Holder[] = [];
  for (const name of (await readdir(folder)).toSorted()) {
    // A draft names nobody yet.
    if (name === own || name.endsWith(".draft")) continue;
    const path = join(folder, name);
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text === undefined) continue; // Released by now.
    const pid = text === ownText ? undefined : await livePid(path, text, machine);
    if (pid !== undefined) holders.push({ name, pid });
    else await rm(path, { force: true });
  }
  return holders;
}

async function livePid(path: string, text: string, machine: Machine): Promise<number | undefined> {
  const holder = processIdentitySchema.safeParse(parsedJsonObject(text)).data;
  if (holder === undefined) return undefined;
  const fate = fateOf(holder, machine, isOnLocalDisk(path));
  if (fate !== "unknown") return fate === "running" ? holder.pid : undefined;
  const { mtimeMs = 0 } = await stat(path).catch(() => ({ mtimeMs: undefined }));
  return Date.now() - mtimeMs < LONGEST_BUILD_MS ? holder.pid : undefined;
}
