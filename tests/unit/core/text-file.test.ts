import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { readTextFile } from "../../../src/core/text-file.ts";
import { tempDir } from "../../support/temp-dir.ts";

async function read(bytes: Buffer | string): Promise<string> {
  const path = join(await tempDir(), "Pulumi.dev.yaml");
  await writeFile(path, bytes);
  return readTextFile(path, "Pulumi.dev.yaml");
}

describe("readTextFile", () => {
  it("reads UTF-8 as it is, with its byte order mark", async () => {
    expect(await read("\ufeffconfig: {} # é\r\n")).toBe("\ufeffconfig: {} # é\r\n");
    expect(await read("")).toBe("");
  });

  it.each([
    ["Latin-1", Buffer.from("config: # é", "latin1"), "Pulumi.dev.yaml is not UTF-8."],
    [
      "UTF-16 with a mark",
      Buffer.from("\ufeffconfig: {}", "utf16le"),
      "Pulumi.dev.yaml is not UTF-8, but looks like UTF-16.",
    ],
    ["UTF-16 without", Buffer.from("config: {}", "utf16le"), "Pulumi.dev.yaml is not UTF-8, but looks like UTF-16."],
  ])("refuses %s by name", async (_encoding, bytes, problem) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: "CONFIG_NOT_YAML", exitCode: 2, problem });
  });

  it("fails as the file system does where there is no file", async () => {
    await expect(readTextFile(join(await tempDir(), "none"), "none")).rejects.toMatchObject({ code: "ENOENT" });
  });
});
