import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";

import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { drainWrites } from "../support/vendor-view.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const AS_DEVELOPMENT = ["kvshift:kind: production", "kvshift:kind: development"] as const;
const stateSchema = z.object({ credentials: z.array(z.object({ state: z.string() })) });

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

/** How a command ends, and the calls that it made to change something at a vendor. */
async function run(...args: string[]) {
  drainWrites(stage.cloud);
  const { code, stderr } = await stage.kvshift(...args);
  return { code, stderr, writes: drainWrites(stage.cloud) };
}

// The kind came from the file alone: one wrong word, and `destroy --yes` took production apart, live credentials too.
describe("a file that calls production development", () => {
  it.each([
    ["destroy", ["destroy", "--stack", "prod", "--yes"]],
    ["up", ["up", "--stack", "prod", "--yes"]],
    ["preview", ["preview", "--stack", "prod"]],
    ["refresh", ["refresh", "--stack", "prod"]],
    ["adopt", ["adopt", "--stack", "prod", "--group", "brainbot-shared", "--yes"]],
  ])("is refused by %s, and nothing is changed", async (_name, args) => {
    await stage.edit("prod", AS_DEVELOPMENT);
    const { code, stderr, writes } = await run(...args);
    expect(stderr).toContain("[ENVIRONMENT_DIFFERS]");
    expect(stderr).toContain("kind: development, provisioned is production");
    expect({ code, writes }).toEqual({ code: 3, writes: [] });
  });

  it("is shown by status, first of all, and its credentials are as live as before", async () => {
    await stage.edit("prod", AS_DEVELOPMENT);
    const report = await stage.kvshiftJson("status", "--stack", "prod");
    expect(report["problems"]).toMatchObject([{ what: expect.stringContaining("describes another environment") }, {}]);
    expect(stateSchema.parse(report).credentials.filter(({ state }) => state === "live")).toHaveLength(2);
  });

  it("does not stand in the way of those who only look at what is provisioned", async () => {
    await stage.edit("prod", AS_DEVELOPMENT);
    expect((await run("env", "--stack", "prod")).code).toBe(0);
    expect((await run("outputs", "--stack", "prod")).code).toBe(0);
  });
});

it.each([
  ["app", "kvshift:app: brainbot", "kvshift:app: otherbot"],
  ["account", "9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6", "1b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6"],
])("a file with another %s is refused before anything is asked", async (_name, from, to) => {
  await stage.edit("prod", [from, to]);
  const { code, stderr, writes } = await run("up", "--stack", "prod", "--yes");
  expect(stderr).toContain("[ENVIRONMENT_DIFFERS]");
  expect({ code, writes }).toEqual({ code: 3, writes: [] });
});

describe("a development environment", () => {
  const PROMOTED = [
    "kvshift:kind: development",
    "kvshift:kind: production\n  kvshift:promotedFrom: development",
  ] as const;

  it("becomes production only where the file says what it was, and is production from then on", async () => {
    const dev = ["--stack", "dev", "--yes"];
    await stage.kvshiftJson("up", ...dev);
    const needs = [
      [/expiresAt: never/g, 'expiresAt: "2027-11-23T00:00:00Z"'],
      [/active: a\n/g, "active: a\n      allowedIps: [203.0.113.10/32]\n"],
    ] as const;
    let text = stage.settings.get("Pulumi.dev.yaml") ?? "";
    for (const [pattern, replacement] of needs) text = text.replace(pattern, replacement);
    const path = join(stage.project, "Pulumi.dev.yaml");
    await writeFile(path, text.replace("kvshift:kind: development", "kvshift:kind: production"));
    expect((await run("up", ...dev)).stderr).toContain("kvshift:promotedFrom: development");
    await writeFile(path, text.replace(...PROMOTED));
    const { code, stderr } = await run("up", ...dev);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    await writeFile(path, text);
    expect((await run("destroy", ...dev)).stderr).toContain("kind: development, provisioned is production");
  });
});
