import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { drainWrites } from "../support/vendor-view.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const AS_DEVELOPMENT = ["kvshift:kind: production", "kvshift:kind: development"] as const;

let stage: LocalStage;

beforeEach(async () => {
  stage = await createLocalStage();
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
});

// The file said production, the namespaces were not protected yet: they were deleted with their data, and the report
// said that they stay.
it("destroy refuses an environment whose promotion no run has carried out, and removes nothing", async () => {
  await stage.kvshiftJson("up", "--stack", "dev", "--yes");
  const path = join(stage.project, "Pulumi.dev.yaml");
  const bound = (await readFile(path, "utf8"))
    .replaceAll("expiresAt: never", 'expiresAt: "2027-11-23T00:00:00Z"')
    .replaceAll("active: a\n", "active: a\n      allowedIps: [203.0.113.10/32]\n");
  const promoted = "kvshift:kind: production\n  kvshift:promotedFrom: development";
  await writeFile(path, bound.replace("kvshift:kind: development", promoted));
  drainWrites(stage.cloud);
  const { code, stderr } = await stage.kvshift("destroy", "--stack", "dev", "--yes");
  expect(stderr).toContain("[ENVIRONMENT_DIFFERS]");
  expect({ code, writes: drainWrites(stage.cloud) }).toEqual({ code: 3, writes: [] });
});

it("policy check judges production as production, whatever its file says", async () => {
  await stage.kvshiftJson("up", "--stack", "prod", "--yes");
  const path = join(stage.folder, "state", ".pulumi", "stacks", "kvshift", "prod.json");
  const state = await readFile(path, "utf8");
  const unkept = state.replaceAll(/"retainOnDelete": ?true/g, '"retainOnDelete":false');
  expect(unkept).not.toBe(state);
  await writeFile(path, unkept);
  await stage.edit("prod", AS_DEVELOPMENT);
  const { code, stderr } = await stage.kvshift("policy", "check", "--stack", "prod");
  expect(stderr).toContain("production-data-is-kept");
  expect(code).toBe(3);
});
