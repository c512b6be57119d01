import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { writeNewFile } from "../../../../src/flows/init/write-new-file.ts";
import { tempDir } from "../../../support/temp-dir.ts";

describe("writeNewFile", () => {
  it("writes a file that is not there", async () => {
    const path = join(await tempDir(), "Pulumi.staging.yaml");
    await writeNewFile(path, "config:\n");
    expect(await readFile(path, "utf8")).toBe("config:\n");
  });

  it("overwrites nothing, even where the file came after the last look", async () => {
    const path = join(await tempDir(), "Pulumi.staging.yaml");
    await writeFile(path, "somebody's\n");
    await expect(writeNewFile(path, "ours\n")).rejects.toMatchObject({
      code: "ENVIRONMENT_EXISTS",
      exitCode: 3,
      problem: `${path} exists already; nothing is overwritten.`,
    });
    expect(await readFile(path, "utf8")).toBe("somebody's\n");
  });

  it("lets only one of two win that write at the same time", async () => {
    const path = join(await tempDir(), "Pulumi.staging.yaml");
    const results = await Promise.allSettled(["one", "two"].map((text) => writeNewFile(path, text)));
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  it("says which folder cannot be written", async () => {
    const folder = await tempDir();
    const path = join(folder, "none", "Pulumi.staging.yaml");
    await expect(writeNewFile(path, "x")).rejects.toMatchObject({
      code: "USAGE",
      problem: `${path} cannot be written (ENOENT).`,
      fix: expect.stringContaining("--cwd"),
    });
  });
});
