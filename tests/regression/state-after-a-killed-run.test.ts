import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, it } from "vitest";

import { createLocalStage } from "../support/local-stage.ts";

// Pulumi wrote attributes beside every file of a `file://` backend, first an empty file and then its content. A run
// killed between the two left a state that no later run could load: "failed to load checkpoint: EOF".
it("can be loaded: kvshift lets Pulumi write no attributes, and gets over those that another run left empty", async () => {
  await using stage = await createLocalStage();
  await stage.kvshiftJson("up", "--stack", "dev", "--yes");
  const state = join(stage.folder, "state", ".pulumi");
  const attributes = async () => (await readdir(state, { recursive: true })).filter((name) => name.endsWith(".attrs"));
  expect(await attributes()).toEqual([]);
  const torn = join("stacks", "kvshift", "dev.json.attrs");
  await writeFile(join(state, torn), "");
  expect((await stage.kvshift("env", "--stack", "dev")).stderr).toBe("");
  expect(await attributes()).toEqual([]);
});
