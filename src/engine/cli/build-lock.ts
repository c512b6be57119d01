import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
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
  for (;;) {
    try {
      await writeFile(path, String(pid), { flag: "wx" });
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = Number(await readFile(path, "utf8").catch(() => ""));
    if (Number.isInteger(holder) && holder > 0 && isAlive(holder)) return { heldBy: holder };
    await rm(path, { force: true });
  }
}
