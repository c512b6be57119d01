import { existsSync } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

/** Linux keeps it in memory: https://man7.org/linux/man-pages/man7/shm_overview.7.html */
const IN_MEMORY = "/dev/shm";

/** A folder of the running test, removed when the test has finished. Its path holds no symbolic link. */
export function tempDir(): Promise<string> {
  return tempDirIn(tmpdir());
}

/** The same in memory, where the system can: for small databases that are written all the time. */
export function tempDirInMemory(): Promise<string> {
  return tempDirIn(existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir());
}

async function tempDirIn(parent: string): Promise<string> {
  const path = await realpath(await mkdtemp(join(parent, "kvshift-test-")));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
