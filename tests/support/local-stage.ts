import type { ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type LocalCloud, startLocalCloud } from "../../local-cloud/cloud.ts";
import { seedsOf } from "../../local-cloud/seeds.ts";
import { parseEnvironmentFile } from "../../src/config/file.ts";
import { PREVIEW_TEMPLATE } from "../../src/config/formats.ts";
import { clockStartingAt, systemClock } from "../../src/core/clock.ts";
import { systemRandom } from "../../src/core/random.ts";
import { CHECKOUT, cleanEnvironment, type Finished, jsonOf, runKvshift, TEST_NOW } from "./kvshift.ts";
import { overRest } from "./over-rest.ts";
import { startResidentPlugins } from "./resident-plugins.ts";

const ENVIRONMENTS = ["dev", "prod"] as const;

/** A local cloud in this process, and a copy of the project's settings whose files a test may edit. */
export interface LocalStage extends AsyncDisposable {
  readonly cloud: LocalCloud;
  readonly folder: string;
  readonly project: string;
  /** The copies by name, as they were at first. */
  readonly settings: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string>>;
  /** Runs `kvshift <args>` as a process against the local cloud. */
  kvshift(...args: string[]): Promise<Finished>;
  /** The same, and tells of the process, so that a test can kill it. */
  kvshiftProcess(args: readonly string[], onSpawn: (child: ChildProcess) => void): Promise<Finished>;
  /** The same with `--json`: returns the object, fails unless the exit code is 0. */
  kvshiftJson(...args: string[]): Promise<Record<string, unknown>>;
  /** The same with other variables. */
  kvshiftWith(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Finished>;
  /** Writes a file of the settings as it was at first. */
  restore(file: string): Promise<void>;
  /** Edits the file of an environment; fails where the text to replace is not there. */
  edit(environment: string, ...replacements: readonly (readonly [from: string, to: string])[]): Promise<void>;
}

export interface StageOptions {
  /**
   * `test` (default): all of kvshift and the cloud begin at `TEST_NOW`. `system`: they follow the machine's clock, by
   * which the engine stamps its state; for tests that compare the two. No date of the files is compared with it.
   */
  readonly clock?: "test" | "system";
  /** `rest` (default): what the tests are about needs no gateway, which every run would deploy. */
  readonly access?: "rest" | "gateway";
  /** `resident` (default): the provider plugins run all the time. `started`: by the engine, for each run. */
  readonly plugins?: "resident" | "started";
  /** How many times faster than at the vendors waits pass. */
  readonly timeScale?: number;
  /** How far the vendors' clock is before this machine's, in milliseconds; with `clock: "system"`. */
  readonly vendorsAheadMs?: () => number;
}

export async function createLocalStage(
  extraEnv: Readonly<Record<string, string>> = {},
  { clock = "test", access = "rest", plugins = "resident", timeScale, vendorsAheadMs = () => 0 }: StageOptions = {},
): Promise<LocalStage> {
  const folder = await mkdtemp(join(tmpdir(), "kvshift-stage-"));
  const project = await mkdtemp(join(folder, "project-"));
  const settings = new Map<string, string>();
  for (const file of ["Pulumi.yaml", PREVIEW_TEMPLATE, ...ENVIRONMENTS.map((name) => `Pulumi.${name}.yaml`)]) {
    const text = await readFile(join(CHECKOUT, file), "utf8");
    settings.set(file, access === "rest" ? overRest(text) : text);
    await writeFile(join(project, file), settings.get(file) ?? "");
  }
  const now = Date.parse(TEST_NOW);
  const configs = await Promise.all(
    ENVIRONMENTS.map(async (environment) => {
      const file = `Pulumi.${environment}.yaml`;
      const text = await readFile(join(project, file), "utf8");
      // Only ids are taken: by the machine's clock a credential may have expired.
      const config = parseEnvironmentFile(text, { environment, now: clock === "test" ? now : 0, file }).config;
      return [environment, config] as const;
    }),
  );
  const template = parseEnvironmentFile(settings.get(PREVIEW_TEMPLATE) ?? "", {
    environment: "pr-1",
    now: 0,
    file: PREVIEW_TEMPLATE,
  }).config;
  const cloud = await startLocalCloud({
    seeds: seedsOf(Object.fromEntries(configs), template),
    clock: clock === "test" ? clockStartingAt(now) : { now: () => systemClock.now() + vendorsAheadMs() },
    random: systemRandom,
    folder,
    ...(timeScale === undefined ? {} : { timeScale }),
    applicationOf: () => ({
      command: process.execPath,
      args: [join(CHECKOUT, "examples", "session-app", "server.js"), "--no-repeats"],
      cwd: folder,
    }),
  });
  const { KVSHIFT_NOW: testNow, ...clean } = cleanEnvironment();
  const times = clock === "test" && testNow !== undefined ? { KVSHIFT_NOW: testNow } : {};
  const own = { ...clean, ...times, ...cloud.env, ...extraEnv };
  const resident = plugins === "resident" ? await startResidentPlugins(own) : undefined;
  const env = { ...own, ...resident?.env };
  const kvshift = (...args: string[]) => runKvshift(args, { cwd: project, env });
  return {
    cloud,
    folder,
    project,
    settings,
    env,
    kvshift,
    kvshiftProcess: (args, onSpawn) => runKvshift(args, { cwd: project, env, onSpawn }),
    kvshiftJson: async (...args) => {
      const finished = await kvshift(...args, "--json");
      if (finished.code !== 0)
        throw new Error(`kvshift ${args.join(" ")}: ${String(finished.code)}\n${finished.stderr}`);
      return jsonOf(finished);
    },
    kvshiftWith: (other, ...args) => runKvshift(args, { cwd: project, env: other }),
    restore: (file) => writeFile(join(project, file), settings.get(file) ?? ""),
    edit: async (environment, ...replacements) => {
      const path = join(project, `Pulumi.${environment}.yaml`);
      let text = await readFile(path, "utf8");
      for (const [from, to] of replacements) {
        if (!text.includes(from)) throw new Error(`Pulumi.${environment}.yaml does not contain ${from}`);
        text = text.replace(from, to);
      }
      await writeFile(path, text);
    },
    [Symbol.asyncDispose]: async () => {
      resident?.[Symbol.dispose]();
      await cloud[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
