import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

/** A folder of the running test, removed when the test has finished. Its path holds no symbolic link. */
export async function tempDir(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "kvshift-test-")));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
