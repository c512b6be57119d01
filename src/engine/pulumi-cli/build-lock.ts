import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { parsedJsonObject } from "../../core/json-object.ts";
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

/**
 * Takes the lock at `path` for this process, or returns the process id of its live holder. The lock of a dead holder is
 * taken over. Not `proper-lockfile`: that one judges by the clock alone, so that a build which the machine stalls for a
 * while loses its lock, and it has had no release for years.
 */
export async function takeLock(
  path: string,
  pid = process.pid,
  machine: Machine = thisMachine(),
): Promise<Lock | { readonly heldBy: number }> {
  await mkdir(dirname(path), { recursive: true });
  // Written aside and linked into place: nobody ever sees a lock that does not name its holder yet.
  const own = `${path}.${randomUUID()}`;
  const text = JSON.stringify(identityOf(machine, pid));
  await writeFile(own, text);
  try {
    while (!(await linked(own, path))) {
      const judged = await readFile(path, "utf8").catch((error: unknown) => {
        if (isCode(error, "ENOENT")) return undefined;
        throw new Error(`The lock ${path} cannot be read.`, { cause: error });
      });
      if (judged === undefined) continue;
      const heldBy = judged === text ? undefined : await liveHolder(path, judged, machine);
      if (heldBy !== undefined) return { heldBy };
      await removeJudged(path, judged);
    }
  } finally {
    await rm(own, { force: true });
  }
  return { release: () => rm(path, { force: true }) };
}

async function liveHolder(path: string, text: string, machine: Machine): Promise<number | undefined> {
  const holder = processIdentitySchema.safeParse(parsedJsonObject(text)).data;
  if (holder === undefined) return undefined;
  const fate = fateOf(holder, machine, isOnLocalDisk(dirname(path)));
  if (fate !== "unknown") return fate === "running" ? holder.pid : undefined;
  const { mtimeMs = 0 } = await stat(path).catch(() => ({ mtimeMs: undefined }));
  return Date.now() - mtimeMs < LONGEST_BUILD_MS ? holder.pid : undefined;
}

/** Removes the lock that was judged, and not one that another process has put in its place since. */
async function removeJudged(path: string, judged: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isCode(error, "ENOENT")) return;
    throw error;
  }
  if ((await readFile(aside, "utf8")) !== judged) await linked(aside, path);
  await rm(aside, { force: true });
}

/** `false` where `path` exists already. */
async function linked(existing: string, path: string): Promise<boolean> {
  try {
    await link(existing, path);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
