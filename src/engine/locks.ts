import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

import { z } from "zod";

import { AppError } from "../core/app-error.ts";
import { isAlive } from "../processes/is-alive.ts";
import { backendFolder } from "./backend.ts";

/** Who holds a stack, as Pulumi writes it into its lock file. */
export interface StackLock {
  readonly pid: number;
  readonly hostname: string;
  readonly username: string;
  /** RFC 3339. */
  readonly timestamp: string;
}

export interface LockedStack {
  readonly backendUrl: string;
  readonly project: string;
  readonly stack: string;
}

const lockSchema = z.object({ pid: z.number(), hostname: z.string(), username: z.string(), timestamp: z.string() });

/**
 * The live locks of a stack on a `file://` backend, oldest first. Lock files that a killed run on this machine left
 * are removed: Pulumi never does, and every later run would stop at them. Locks of other machines count as live.
 */
export async function liveLocks(locked: LockedStack): Promise<StackLock[]> {
  const root = backendFolder(locked.backendUrl);
  if (root === undefined) return [];
  const folder = join(root, ".pulumi", "locks", "organization", locked.project, locked.stack);
  const names = await readdir(folder).catch((): string[] => []);
  const live: StackLock[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const lock = lockSchema.safeParse(await readJson(path)).data;
    if (lock === undefined) continue;
    if (lock.hostname === hostname() && !isAlive(lock.pid)) await rm(path, { force: true });
    else live.push(lock);
  }
  return live.toSorted((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp));
}

/** Names who holds the stack, where and for how long. `now`: milliseconds since the epoch. */
export function stackLocked(locks: readonly StackLock[], now: number): AppError {
  return new AppError("STACK_LOCKED", {
    problem: "Another run holds the lock of this stack.",
    details: locks.map(
      (lock) =>
        `process ${String(lock.pid)} of ${lock.username} on ${lock.hostname}, for ${age(now - Date.parse(lock.timestamp))}`,
    ),
    fix: "Wait for it to end (--wait does). If that machine is gone for good, `pulumi cancel` removes its lock.",
    retryable: true,
  });
}

/** `90 s`, `12 min`, `5 h`, `3 days`: as exact as people need it. */
function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${String(seconds)} s`;
  if (seconds < 7_200) return `${String(Math.round(seconds / 60))} min`;
  if (seconds < 172_800) return `${String(Math.round(seconds / 3_600))} h`;
  return `${String(Math.round(seconds / 86_400))} days`;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined; // Being written, or gone.
  }
}
