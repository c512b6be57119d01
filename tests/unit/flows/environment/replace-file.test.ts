import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, it } from "vitest";

import { replaceFile } from "../../../../src/flows/environment/replace-file.ts";
import { tempDir } from "../../../support/temp-dir.ts";

it("replaces a file that holds what the new text was made of, and no other", async () => {
  const path = join(await tempDir(), "Pulumi.dev.yaml");
  await writeFile(path, "one");
  expect(await replaceFile(path, "one", "two")).toBe(true);
  expect(await replaceFile(path, "one", "three")).toBe(false);
  expect(await readFile(path, "utf8")).toBe("two");
});
