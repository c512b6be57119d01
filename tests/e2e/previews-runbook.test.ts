import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";

import { documentCommands } from "../../scripts/document-commands.ts";
import { CHECKOUT, runProcess } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { previewObjects } from "../support/vendor-view.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const RUNBOOK = "docs/runbooks/previews.md";
const PARENT = "srv-d0000000000000000001";

let stage: LocalStage;

/** Runs a line of a document or a workflow as it is written, in the project of the stage. */
async function run(command: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { code, stderr } = await runProcess("sh", ["-c", `${command} --cwd '${stage.project}'`], {
    cwd: CHECKOUT,
    env: { ...stage.env, ...env },
  });
  expect({ command, code, stderr: code === 0 ? "" : stderr }).toEqual({ command, code: 0, stderr: "" });
}

async function commandOf(workflow: string, step: string): Promise<string> {
  const path = join(CHECKOUT, ".github", "workflows", workflow);
  const { jobs } = parse(await readFile(path, "utf8")) as {
    jobs: Record<string, { steps: { name?: string; run?: string }[] }>;
  };
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  return steps.find(({ name }) => name === step)?.run ?? "";
}

describe("the runbook of previews", () => {
  beforeAll(async () => {
    stage = await createLocalStage({}, { clock: "system", access: "gateway", timeScale: 600 });
    const preview = { parentId: PARENT, branch: "new-cart" };
    await stage.cloud.render.openPreview({ ...preview, id: "srv-d0000000000000000042", pullRequest: 42 });
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it("has commands that run in its order, as they are written, before there is any other environment", async () => {
    const commands = documentCommands(CHECKOUT).filter(({ file }) => file === RUNBOOK);
    expect(commands.length).toBeGreaterThan(5);
    for (const { command } of commands) await run(command);
    expect(await previewObjects(stage.cloud)).toEqual([]);
  });

  it("has workflows whose commands bring a preview up, leave it in a sweep, and take it down", async () => {
    const request = { PR: "42", SHA: "1f0c2a9", GITHUB_HEAD_REF: "new-cart" };
    await run(await commandOf("preview.yml", "Bring the preview up"), request);
    await run(await commandOf("sweep.yml", "Sweep"));
    expect(await stage.kvshiftJson("pr", "list")).toMatchObject({ previews: [{ pr: 42, branch: "new-cart" }] });
    await run(await commandOf("preview.yml", "Take the preview down"), request);
    expect(await previewObjects(stage.cloud)).toEqual([]);
  });
});
