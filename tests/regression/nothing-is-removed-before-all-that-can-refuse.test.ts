import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";

import { runKvshift } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { callCloudflare, callRender, drainWrites } from "../support/vendor-view.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const NAMESPACES = "/accounts/9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6/storage/kv/namespaces";
const OWNER = "tea-d0000000000000000001";
const OTHER_PASSPHRASE = { PULUMI_CONFIG_PASSPHRASE: "not the one that the stack was created with" };
/** Another environment moves into the account of production. */
const SHARED_ACCOUNT = ["0d3ad0c0ffee4b1da0d3ad0c0ffee4b1", "9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6"] as const;
const FIRST = 'a: { epoch: 1, state: live, mintedAt: "2026-11-23T00:00:00Z", expiresAt: "2027-11-23T00:00:00Z" }';
const SKIPPED_STEP = [FIRST, FIRST.replace("epoch: 1", "epoch: 3")] as const;

const createdSchema = z.object({ result: z.object({ id: z.string() }) });

let stage: LocalStage;

beforeAll(async () => {
  stage = await createLocalStage();
  await stage.kvshiftJson("up", "--stack", "prod", "--yes");
});
afterEach(async () => {
  for (const [file, text] of stage.settings) await writeFile(join(stage.project, file), text);
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

/** Runs kvshift and tells which calls it made that change something at a vendor. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  drainWrites(stage.cloud);
  const { code, stderr } = await runKvshift(args, { cwd: stage.project, env: { ...stage.env, ...env } });
  return { code, stderr, writes: drainWrites(stage.cloud) };
}

const UP = ["up", "--stack", "prod", "--yes"];

// `up` removed what no state knew, and then found out that it could not go on: the error said "Nothing was changed".
describe("with a group of the environment's name beside it that no state knows, `up`", () => {
  let planted = "";

  beforeEach(async () => {
    const envVars = [{ key: "CLOUDFLARE_KV_PHASE", value: "kv" }];
    const name = "brainbot-prod-cloudflare-kv";
    const created = await callRender(stage.cloud, "POST", "/env-groups", { name, ownerId: OWNER, envVars });
    planted = z.object({ id: z.string() }).parse(created).id;
  });
  afterEach(async () => {
    await callRender(stage.cloud, "DELETE", `/env-groups/${planted}`).catch(() => undefined); // Removed by the test.
  });

  it("removes nothing where the passphrase is wrong", async () => {
    const { code, stderr, writes } = await run(UP, OTHER_PASSPHRASE);
    expect({ code, named: stderr.includes("PASSPHRASE_WRONG"), writes }).toEqual({ code: 2, named: true, writes: [] });
  });

  it("removes nothing where the file skips a step of a rotation", async () => {
    await stage.edit("prod", SKIPPED_STEP);
    const { code, stderr, writes } = await run(UP);
    expect({ code, named: stderr.includes("ROTATION_REFUSED"), writes }).toEqual({ code: 3, named: true, writes: [] });
  });

  it("removes nothing where a policy is broken", async () => {
    await stage.edit("dev", SHARED_ACCOUNT);
    const { code, stderr, writes } = await run(UP);
    expect({ code, named: stderr.includes("POLICY_VIOLATED"), writes }).toEqual({ code: 3, named: true, writes: [] });
  });

  it("names what it has removed where the engine fails after that", async () => {
    const fault = { kind: "answer", status: 400 } as const;
    stage.cloud.render.faults.add({ method: "*", path: /env-vars\/CLOUDFLARE_KV_NAMESPACES/, times: Infinity, fault });
    await stage.edit("prod", ["cacheTtlSeconds: 60", "cacheTtlSeconds: 90"]);
    const { code, stderr } = await run(UP);
    stage.cloud.render.faults.clear();
    expect(code).toBeGreaterThan(3);
    expect(stderr).toContain("removed before: environment group brainbot-prod-cloudflare-kv");
    expect(stderr).not.toMatch(/nothing was changed/i);
  });
});

// The same with a namespace that gets the environment's title before it is taken up.
describe("where it cannot go on, `adopt` leaves the title of a namespace as it is", () => {
  const TITLE = "what somebody called it";
  let id = "";
  let count = 0;

  beforeEach(async () => {
    id = createdSchema.parse(
      await callCloudflare(stage.cloud, "POST", NAMESPACES, { title: `${TITLE} ${String((count += 1))}` }),
    ).result.id;
  });

  it.each([
    ["a wrong passphrase", OTHER_PASSPHRASE, "PASSPHRASE_WRONG"],
    ["a broken policy", {}, "POLICY_VIOLATED"],
    ["a step of a rotation that is skipped", {}, "ROTATION_REFUSED"],
  ] as const)("by %s", async (_name, env, expected) => {
    const declared = "    answers: { consistency: eventual, defaultTtlSeconds: 3600 }\n    cache:";
    await stage.edit("prod", ["    cache:", declared]);
    if (expected === "POLICY_VIOLATED") await stage.edit("dev", SHARED_ACCOUNT);
    if (expected === "ROTATION_REFUSED") await stage.edit("prod", SKIPPED_STEP);
    const { stderr, writes } = await run(["adopt", "--stack", "prod", "--namespace", `answers=${id}`, "--yes"], env);
    expect(stderr).toContain(`[${expected}]`);
    expect(writes).toEqual([]);
  });
});
