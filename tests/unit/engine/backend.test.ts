import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, it } from "vitest";

import { backendFolder, resolveBackend } from "../../../src/engine/backend.ts";
import type { Project } from "../../../src/engine/project.ts";
import { tempDir } from "../../support/temp-dir.ts";

const urlOf = (folder: string): string => `${pathToFileURL(folder).href}?metadata=skip`;

const projectIn = (folder: string, backendUrl?: string): Project => ({ folder, name: "kvshift", backendUrl });

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}

describe("resolveBackend", () => {
  it("keeps state beside the project where nothing is said, and makes the folder", async () => {
    const folder = await tempDir();
    expect(await resolveBackend(projectIn(folder), {})).toBe(urlOf(join(folder, "state")));
    expect(await isFolder(join(folder, "state"))).toBe(true);
  });

  it("counts a relative URL from the project, not from where the command runs", async () => {
    const folder = await tempDir();
    const url = await resolveBackend(projectIn(folder, "file://./deep/state"), {});
    expect(url).toBe(urlOf(join(folder, "deep", "state")));
    expect(await isFolder(join(folder, "deep", "state"))).toBe(true);
  });

  it.each([
    ["sqlite://state?key=hidden", "sqlite:"],
    ["state", "no scheme"],
    ["S3://bucket", "S3:"],
  ])("refuses %s before the engine would, without showing it", async (url, shown) => {
    await expect(resolveBackend(projectIn(await tempDir(), url), {})).rejects.toMatchObject({
      code: "BACKEND_INVALID",
      exitCode: 2,
      problem: `Pulumi has no state backend of ${shown}`,
    });
  });

  it("refuses a URL of a folder that is none", async () => {
    const env = { PULUMI_BACKEND_URL: "file:///tmp/100%" };
    await expect(resolveBackend(projectIn(await tempDir()), env)).rejects.toMatchObject({
      code: "BACKEND_INVALID",
      fix: expect.stringContaining("%25") as string,
    });
  });

  it("takes PULUMI_BACKEND_URL before the project's", async () => {
    const folder = await tempDir();
    const env = { PULUMI_BACKEND_URL: "s3://shared?region=eu" };
    expect(await resolveBackend(projectIn(folder, "file://./state"), env)).toBe("s3://shared?region=eu");
  });

  it("takes an empty PULUMI_BACKEND_URL for none", async () => {
    const folder = await tempDir();
    const url = await resolveBackend(projectIn(folder, "gs://bucket"), { PULUMI_BACKEND_URL: "" });
    expect(url).toBe("gs://bucket");
  });

  it("counts file://~ from the home folder, as Pulumi does", async () => {
    const [folder, home] = [await tempDir(), await tempDir()];
    const env = { HOME: home, PULUMI_BACKEND_URL: "file://~/states" };
    expect(await resolveBackend(projectIn(folder), env)).toBe(urlOf(join(home, "states")));
    expect(await resolveBackend(projectIn(folder), { ...env, PULUMI_BACKEND_URL: "file://~" })).toBe(urlOf(home));
  });

  it("takes a folder whose name merely starts with a tilde as relative", async () => {
    const folder = await tempDir();
    const url = await resolveBackend(projectIn(folder, "file://~states"), {});
    expect(backendFolder(url)).toBe(join(folder, "~states"));
  });

  it("keeps an absolute folder with a space in its name", async () => {
    const folder = join(await tempDir(), "my state");
    const url = await resolveBackend(projectIn("/", pathToFileURL(folder).href), {});
    expect(backendFolder(url)).toBe(folder);
    expect(await isFolder(folder)).toBe(true);
  });

  it("keeps what a person says of the files, and is not taken for a part of the folder's name", async () => {
    const folder = await tempDir();
    const url = await resolveBackend(projectIn(folder), { PULUMI_BACKEND_URL: "file://./state?no_tmp_dir=false" });
    expect(url).toBe(`${pathToFileURL(join(folder, "state")).href}?no_tmp_dir=false&metadata=skip`);
    expect(backendFolder(url)).toBe(join(folder, "state"));
  });

  it("says which folder cannot be made", async () => {
    const folder = await tempDir();
    await writeFile(join(folder, "state"), "a file stands here");
    await expect(resolveBackend(projectIn(folder), {})).rejects.toMatchObject({
      code: "BACKEND_INVALID",
      details: [join(folder, "state")],
      fix: expect.stringContaining("PULUMI_BACKEND_URL"),
    });
  });
});

describe("backendFolder", () => {
  it.each([
    ["file:///var/state", "/var/state"],
    ["s3://bucket", undefined],
    ["https://api.pulumi.com", undefined],
  ])("is, of %s, %s", (url, folder) => {
    expect(backendFolder(url)).toBe(folder);
  });
});
