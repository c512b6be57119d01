import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { isAlive } from "../../processes/is-alive.ts";

export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes the lock at `path` for this process, or returns the process id of its live holder.
 * The lock of a dead holder is taken over.
 */
export async function takeLock(path: string, pid = process.pid): Promise<Lock | { readonly heldBy: number }> {
  await mkdir(dirname(path), { recursive: true });
  // Written aside and linked into place: nobody ever sees a lock that does not name its holder yet.
  const own = `${path}.${String(pid)}`;
  await writeFile(own, String(pid));
  try {
    while (!(await linked(own, path))) {
      const holder = Number(await readFile(path, "utf8").catch(() => ""));
      // Our own id in a lock is a dead process's: ids start again with each container, the cache stays.
      if (Number.isInteger(holder) && holder > 0 && holder !== pid && isAlive(holder)) return { heldBy: holder };
      await rm(path, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
  return { release: () => rm(path, { force: true }) };
}

/** `false` where `path` exists already. */
async function linked(existing: string, path: string): Promise<boolean> {
  try {
    await link(existing, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}
