import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

import { describe, expect, it } from "vitest";

import { requireWholeState } from "../../../src/engine/whole-state.ts";
import { tempDir } from "../../support/temp-dir.ts";

async function stateOf(files: Readonly<Record<string, string | Buffer>>) {
  const root = await tempDir();
  const folder = join(root, ".pulumi", "stacks", "kvshift");
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const stack = { backendUrl: pathToFileURL(root).href, project: "kvshift", stack: "dev" };
  return { folder, check: () => requireWholeState(stack) };
}

describe("requireWholeState", () => {
  it.each([
    ["there is none yet", {}],
    ["it is whole", { "dev.json": "{}" }],
    ["it is whole and compressed", { "dev.json.gz": gzipSync("{}") }],
    ["that of another stack is torn", { "dev.json": "{}", "prod.json": "" }],
  ])("passes where %s", async (_name, files) => {
    await expect((await stateOf(files)).check()).resolves.toBeUndefined();
  });

  it.each([
    ["dev.json", "", "{}"],
    ["dev.json", '{"version":3,"checkpoint":{"latest":{"res', "{}"],
    ["dev.json.gz", gzipSync("{}").subarray(0, 12), gzipSync("{}")],
  ])("names the torn %s and the whole backup beside it", async (name, torn, whole) => {
    const { folder, check } = await stateOf({ [name]: torn, [`${name}.bak`]: whole });
    const path = join(folder, name);
    await expect(check()).rejects.toMatchObject({
      code: "STATE_DAMAGED",
      exitCode: 2,
      details: [path, `whole, from before the last change: ${path}.bak`],
      fix: expect.stringContaining(`cp ${path}.bak ${path}`),
    });
  });

  it("recommends no backup that is torn as well", async () => {
    const { folder, check } = await stateOf({ "dev.json": "", "dev.json.bak": "{" });
    const path = join(folder, "dev.json");
    await expect(check()).rejects.toMatchObject({ details: [path, `no whole backup: ${path}.bak`] });
  });

  it("looks into folders alone", async () => {
    const stack = { backendUrl: "s3://bucket", project: "kvshift", stack: "dev" };
    await expect(requireWholeState(stack)).resolves.toBeUndefined();
  });
});
