import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { requirementsOf, suitesOf, usesPackage } from "../../../../scripts/python/suites.ts";
import { tempDir } from "../../../support/temp-dir.ts";

describe("the suites in Python", () => {
  it("are those that the checkout has, with what they need beside the package of this repository", async () => {
    const root = await tempDir();
    expect(suitesOf(root)).toEqual([]);
    const folder = join(root, "examples", "brainbot", "after");
    await mkdir(join(folder, "tests"), { recursive: true });
    await writeFile(
      join(folder, "requirements.txt"),
      "# why\nhttpx==1.0 # pinned\n\nkvshift-kv[starlette]==0.1.0\n-e .\n",
    );
    const [suite, ...others] = suitesOf(root);
    expect([suite?.folder, others]).toEqual(["examples/brainbot/after", []]);
    expect(suite && requirementsOf(root, suite)).toEqual(["httpx==1.0"]);
    expect(suite && usesPackage(root, suite)).toBe(true);
  });

  it("are not given the package of this repository where they do not ask for it", async () => {
    const root = await tempDir();
    const folder = join(root, "examples", "brainbot", "before");
    await mkdir(join(folder, "tests"), { recursive: true });
    await writeFile(join(folder, "requirements.txt"), "redis==8.0\n");
    const [suite] = suitesOf(root);
    expect(suite && usesPackage(root, suite)).toBe(false);
  });
});
