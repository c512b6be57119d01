import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

import { z } from "zod";

import { isAlive } from "../processes/is-alive.ts";
import { backendFolder } from "./backend.ts";

const lockSchema = z.object({ pid: z.number(), hostname: z.string(), username: z.string(), timestamp: z.string() });

/**
 * Removes the lock files of a `file://` backend that a killed run on this machine left: Pulumi never does, and every
 * later run would stop at them. Locks of live processes and of other machines stay. Returns how many were removed.
 */
export async function removeDeadLocks(backendUrl: string, projectName: string, stackName: string): Promise<number> {
  const root = backendFolder(backendUrl);
  if (root === undefined) return 0;
  const folder = join(root, ".pulumi", "locks", "organization", projectName, stackName);
  const names = await readdir(folder).catch((): string[] => []);
  let removed = 0;
  for (const name of names) {
    const path = join(folder, name);
    const lock = lockSchema.safeParse(await readJson(path));
    if (!lock.success || lock.data.hostname !== hostname() || isAlive(lock.data.pid)) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined; // Being written, or gone.
  }
}
