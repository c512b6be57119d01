import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { findPython } from "../../../../local-cloud/python/find-python.ts";
import { tempDir } from "../../../support/temp-dir.ts";

async function pretend(folder: string, name: string, script: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

describe("the search for Python", () => {
  it("takes the newest that can make virtual environments, on PATH or of pyenv", async () => {
    const root = await tempDir();
    const bin = join(root, "bin");
    await pretend(bin, "python3", "echo 3.11");
    await pretend(bin, "python3.14", "exit 1");
    await pretend(bin, "python3.9", "echo 3.9");
    const versions = join(root, "pyenv", "versions");
    expect(findPython({ PATH: bin, HOME: root })).toEqual({ path: "python3", version: "3.11" });
    await pretend(join(versions, "3.8.1", "bin"), "python3", "echo 3.8");
    const newest = await pretend(join(versions, "3.12.4", "bin"), "python3", "echo 3.12");
    expect(findPython({ PATH: bin, PYENV_ROOT: join(root, "pyenv") })).toEqual({ path: newest, version: "3.12" });
  });

  it("finds none where there is none from 3.10 to 3.14", async () => {
    const root = await tempDir();
    await pretend(join(root, "bin"), "python3", "echo 3.9");
    await pretend(join(root, ".pyenv", "versions", "3.15.0", "bin"), "python3", "echo 3.15");
    expect(findPython({ PATH: join(root, "bin"), HOME: root })).toBeUndefined();
  });
});
