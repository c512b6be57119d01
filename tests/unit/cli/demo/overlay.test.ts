import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { createOverlay } from "../../../../src/cli/demo/overlay.ts";
import { tempDir } from "../../../support/temp-dir.ts";

async function project() {
  const folder = await tempDir();
  for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml", "package.json"]) {
    await writeFile(join(folder, name), `content of ${name}`);
  }
  return { folder, name: "kvshift", backendUrl: undefined };
}

describe("createOverlay", () => {
  it("copies the settings of the project and of the environments that are named, and nothing else", async () => {
    const theirs = await project();
    const folder = await createOverlay(theirs, await tempDir(), ["dev"]);
    expect((await readdir(folder)).toSorted()).toEqual(["Pulumi.dev.yaml", "Pulumi.yaml"]);
    expect(await readFile(join(folder, "Pulumi.dev.yaml"), "utf8")).toBe("content of Pulumi.dev.yaml");
    await writeFile(join(folder, "Pulumi.dev.yaml"), "edited");
    expect(await readFile(join(theirs.folder, "Pulumi.dev.yaml"), "utf8")).toBe("content of Pulumi.dev.yaml");
  });

  it("fails for an environment without a file", async () => {
    await expect(createOverlay(await project(), await tempDir(), ["staging"])).rejects.toThrow("Pulumi.staging.yaml");
  });
});
