import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { findProject } from "../../../src/engine/project.ts";
import { tempDir } from "../../support/temp-dir.ts";

async function projectWith(text: string): Promise<string> {
  const folder = await tempDir();
  await writeFile(join(folder, "Pulumi.yaml"), text);
  return folder;
}

describe("findProject", () => {
  it("reads name and backend of the project in the folder", async () => {
    const folder = await projectWith("name: kvshift\nruntime: nodejs\nbackend: { url: 's3://bucket' }\n");
    expect(await findProject(folder)).toEqual({ folder, name: "kvshift", backendUrl: "s3://bucket" });
  });

  it("finds the project of a folder further up", async () => {
    const folder = await projectWith("name: kvshift\nruntime: { name: nodejs }\n");
    const deep = join(folder, "a", "b");
    await mkdir(deep, { recursive: true });
    expect(await findProject(deep)).toEqual({ folder, name: "kvshift", backendUrl: undefined });
  });

  it("takes the nearest of two", async () => {
    const outer = await projectWith("name: outer\n");
    await mkdir(join(outer, "inner"));
    await writeFile(join(outer, "inner", "Pulumi.yaml"), "name: inner\n");
    expect((await findProject(join(outer, "inner"))).name).toBe("inner");
  });

  it("names the folder where there is no project", async () => {
    const folder = await tempDir();
    await expect(findProject(folder)).rejects.toMatchObject({
      code: "PROJECT_NOT_FOUND",
      problem: expect.stringContaining(folder),
      fix: expect.stringContaining("--cwd"),
    });
  });

  it.each([
    ["broken YAML", "name: [unclosed\n"],
    ["no name", "runtime: nodejs\n"],
    ["an empty name", "name: ''\n"],
    ["an empty file", ""],
    ["a list", "- name\n"],
  ])("refuses a project file with %s", async (_case, text) => {
    const folder = await projectWith(text);
    await expect(findProject(folder)).rejects.toMatchObject({
      code: "CONFIG_NOT_YAML",
      problem: `${join(folder, "Pulumi.yaml")} is not a Pulumi project file.`,
    });
  });
});
