import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { installBrainbot } from "../../../../src/cli/demo/brainbot.ts";
import { tempDir } from "../../../support/temp-dir.ts";

/** A machine on which only what is given can be run. */
async function machine(python?: string): Promise<NodeJS.ProcessEnv> {
  const root = await tempDir();
  const bin = join(root, "bin");
  await mkdir(bin);
  if (python !== undefined) {
    await writeFile(join(bin, "python3"), `#!/bin/sh\n${python}\n`);
    await chmod(join(bin, "python3"), 0o755);
  }
  return { PATH: bin, HOME: root, KVSHIFT_CACHE_DIR: join(root, "cache") };
}

describe("installBrainbot", () => {
  it("says that there is no Python where there is none", async () => {
    expect(await installBrainbot(await machine())).toEqual({
      missing: "there is no Python from 3.10 to 3.14 with venv, on PATH or of pyenv",
    });
  });

  it("says what failed where its packages cannot be had", async () => {
    const env = await machine('case "$2" in *print*) echo 3.12;; *) echo "no room" >&2; exit 7;; esac');
    expect(await installBrainbot(env)).toEqual({
      missing: "its packages could not be installed: python3 ended with 7: no room",
    });
  });
});
