import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { z } from "zod";

import { CLI, ownEnvironment, runJson, seconds } from "../run-kvshift.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SERVICE = "srv-d0000000000000000001";
/** The waits of the vendors take next to nothing: what is left is work. */
const TIME_SCALE = 10_000;
const UPS = 3;

const stepsSchema = z.object({ steps: z.array(z.object({ step: z.string(), ms: z.number() })) });
const recordsSchema = z.object({
  records: z.array(z.object({ step: z.string().optional(), kind: z.string(), durationMs: z.number().optional() })),
});

/**
 * A rotation of both roles on the local cloud, against the `up` of the same environment that changes something: both in
 * one run, as whole processes. What a service takes to start is not the rotation's and is left out.
 */
export async function benchmarkRotate(): Promise<{ readonly table: string; readonly data: object }> {
  const folder = await mkdtemp(join(tmpdir(), "kvshift-bench-"));
  const cloud = spawn(process.execPath, [CLI, "local", "up", "--json", "--time-scale", String(TIME_SCALE)], {
    cwd: ROOT,
    env: ownEnvironment(),
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const [line] = z.tuple([z.string()]).parse(await once(createInterface({ input: cloud.stdout }), "line"));
    const { env } = z.object({ env: z.record(z.string(), z.string()) }).parse(JSON.parse(line));
    for (const file of ["Pulumi.yaml", "Pulumi.dev.yaml"]) await copyFile(join(ROOT, file), join(folder, file));
    const run = async (...args: string[]) => runJson(args, folder, env);
    await run("up", "--stack", "dev", "--yes", "--deploy");
    const ups: number[] = [];
    for (let round = 0; round < UPS; round += 1) {
      await changeSomething(join(folder, "Pulumi.dev.yaml"), round);
      const { ms } = await run("up", "--stack", "dev", "--yes");
      ups.push(ms);
    }
    await run("up", "--stack", "dev", "--yes", "--deploy");
    const rotated = await run("rotate", "apply", "--stack", "dev", "--yes", "--idle", SERVICE);
    const { records } = recordsSchema.parse((await run("audit", "show", "--stack", "dev", "--flow", "rotate")).json);
    const deploys = records.filter(({ step, kind }) => step === "deploy" && kind === "outcome");
    const deployMs = deploys.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
    const up = ups.toSorted((one, other) => one - other)[Math.floor(UPS / 2)] ?? Number.NaN;
    const { steps } = stepsSchema.parse(rotated.json);
    const work = rotated.ms - deployMs;
    const data = { upMs: up, rotationMs: rotated.ms, deployMs, ratio: work / up, steps };
    return { data, table: tableOf(data) };
  } finally {
    cloud.kill("SIGINT");
    await once(cloud, "exit");
    await rm(folder, { recursive: true, force: true });
  }
}

/** Another default TTL: variables of the group change, and the version of the Worker does not. */
async function changeSomething(path: string, round: number): Promise<void> {
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace(/defaultTtlSeconds: \d+/, `defaultTtlSeconds: ${String(3600 + round)}`));
}

interface Figures {
  readonly upMs: number;
  readonly rotationMs: number;
  readonly deployMs: number;
  readonly ratio: number;
  readonly steps: readonly { readonly step: string; readonly ms: number }[];
}

function tableOf({ upMs, rotationMs, deployMs, ratio, steps }: Figures): string {
  return [
    `one \`up\` that changes something      ${seconds(upMs)} (median of ${String(UPS)})`,
    `a rotation of both roles             ${seconds(rotationMs)}, of which services took ${seconds(deployMs)} to start`,
    `ratio without that                   ${ratio.toFixed(2)} ups`,
    "",
    ...steps.map(({ step, ms }) => `  ${step.padEnd(12)} ${seconds(ms)}`),
    "",
  ].join("\n");
}
