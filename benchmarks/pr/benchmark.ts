import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { startLocalEnvironment } from "../../src/cli/local-environment.ts";
import { systemClock } from "../../src/core/clock.ts";
import { findProject } from "../../src/engine/project.ts";
import { runJson, seconds } from "../run-kvshift.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FILES = ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml", "Pulumi.preview.yaml"];
const PARENT = "srv-d0000000000000000001";
/** The waits of the vendors take next to nothing: what is left is work, and what services take to start. */
const TIME_SCALE = 10_000;
const PREVIEWS = 10;

/**
 * `pr up` until its service answers with its own variables, one after the other and ten at once, against `up --deploy`
 * of an environment of the same size: both in one run, as whole processes.
 */
export async function benchmarkPreviews(): Promise<{ readonly table: string; readonly data: object }> {
  const folder = await mkdtemp(join(tmpdir(), "kvshift-bench-"));
  await using local = await startLocalEnvironment(await findProject(ROOT), systemClock, { timeScale: TIME_SCALE });
  try {
    const { cloud } = local;
    for (const file of FILES) await copyFile(join(ROOT, file), join(folder, file));
    const up = await runJson(["up", "--stack", "dev", "--yes", "--deploy"], folder, cloud.env);
    const preview = async (pr: number): Promise<number> => {
      const branch = `branch-${String(pr)}`;
      const args = ["pr", "up", "--pr", String(pr), "--sha", "1f0c2a9", "--branch", branch, "--yes"];
      return (await runJson(args, folder, cloud.env)).ms;
    };
    const open = (pr: number): Promise<void> =>
      cloud.render.openPreview({
        id: `srv-${String(pr).padStart(20, "0")}`,
        parentId: PARENT,
        branch: `branch-${String(pr)}`,
        pullRequest: pr,
      });
    const alone: number[] = [];
    for (let pr = 1; pr <= PREVIEWS; pr += 1) {
      await open(pr);
      alone.push(await preview(pr));
    }
    const numbers = Array.from({ length: PREVIEWS }, (_, index) => PREVIEWS + 1 + index);
    for (const pr of numbers) await open(pr);
    const started = performance.now();
    await Promise.all(numbers.map((pr) => preview(pr)));
    const atOnceMs = performance.now() - started;
    const [firstMs = Number.NaN] = alone;
    const lastMs = alone.at(-1) ?? Number.NaN;
    const data = {
      upMs: up.ms,
      aloneMs: alone,
      firstToUp: firstMs / up.ms,
      tenthToFirst: lastMs / firstMs,
      atOnceMs,
      atOnceToTenAlone: atOnceMs / alone.reduce((sum, ms) => sum + ms, 0),
    };
    const table = [
      `\`up --deploy\` of an environment   ${seconds(up.ms)}`,
      `the first preview, to ready        ${seconds(firstMs)}, ${data.firstToUp.toFixed(2)} of that`,
      `the tenth                          ${seconds(lastMs)}, ${data.tenthToFirst.toFixed(2)} of the first`,
      `ten at once                        ${seconds(atOnceMs)}, ${data.atOnceToTenAlone.toFixed(2)} of ten one by one`,
      "",
    ].join("\n");
    return { data, table };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
