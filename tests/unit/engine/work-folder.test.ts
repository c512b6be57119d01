import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { createWorkFolder } from "../../../src/engine/work-folder.ts";
import { tempDir } from "../../support/temp-dir.ts";

const SETTINGS = "config:\n  kvshift:app: brainbot # theirs\n";

async function project() {
  const folder = await tempDir();
  await writeFile(join(folder, "Pulumi.yaml"), "name: kvshift\nruntime: nodejs\n");
  await writeFile(join(folder, "Pulumi.dev.yaml"), SETTINGS);
  return { folder, name: "kvshift", backendUrl: undefined };
}

describe("createWorkFolder", () => {
  it("holds copies, so that what the engine writes does not reach people's file", async () => {
    const { folder, ...rest } = await project();
    await using work = await createWorkFolder({ folder, ...rest }, "dev");
    expect(await readFile(join(work.path, "Pulumi.yaml"), "utf8")).toBe("name: kvshift\nruntime: nodejs\n");
    expect(await readFile(join(work.path, "Pulumi.dev.yaml"), "utf8")).toBe(SETTINGS);
    await writeFile(join(work.path, "Pulumi.dev.yaml"), "rewritten: true\n");
    expect(await readFile(join(folder, "Pulumi.dev.yaml"), "utf8")).toBe(SETTINGS);
  });

  it("tells the salt that the engine wrote, and none before", async () => {
    await using work = await createWorkFolder(await project(), "dev");
    expect(await work.encryptionSalt()).toBeUndefined();
    await writeFile(join(work.path, "Pulumi.dev.yaml"), `${SETTINGS}encryptionsalt: v1:fake=:v1:fake:fake==\n`);
    expect(await work.encryptionSalt()).toBe("v1:fake=:v1:fake:fake==");
  });

  it("does not take a nested key or a comment for the salt", async () => {
    await using work = await createWorkFolder(await project(), "dev");
    const text = "config:\n  encryptionsalt: v1:nested\n# encryptionsalt: v1:comment\n";
    await writeFile(join(work.path, "Pulumi.dev.yaml"), text);
    expect(await work.encryptionSalt()).toBeUndefined();
  });

  it("starts with empty settings for an environment that has no file", async () => {
    await using work = await createWorkFolder(await project(), "pr-7");
    expect(await readFile(join(work.path, "Pulumi.pr-7.yaml"), "utf8")).toBe("");
  });

  it("is private to its run and goes with it", async () => {
    const theirs = await project();
    const first = await createWorkFolder(theirs, "dev");
    await using second = await createWorkFolder(theirs, "dev");
    expect(first.path).not.toBe(second.path);
    await first[Symbol.asyncDispose]();
    await expect(access(first.path)).rejects.toMatchObject({ code: "ENOENT" });
    await expect(access(second.path)).resolves.toBeUndefined();
  });
});
