import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { LocalWorkspace, type PulumiCommand } from "@pulumi/pulumi/automation/index.js";

import { installPlugins } from "../../local-cloud/plugins/install.ts";
import { EngineReporter, type PolicyFinding } from "../../src/engine/engine-report.ts";
import { silenceDebugEvents } from "../../src/engine/open-stack.ts";
import { ensureCli } from "../../src/engine/pulumi-cli/ensure.ts";
import { runCli } from "../../src/engine/pulumi-cli/run-cli.ts";
import { writeAnalyzer } from "../../src/policy/analyzer.ts";
import type { Plan } from "../../src/policy/plan.ts";
import { environmentFile } from "./environment-file.ts";
import { plantedProgram, type Plants } from "./planted-program.ts";

const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url));

/** Files of the project's environments, by name. The program's own is `prod`, where nothing else is said. */
export type ProjectFiles = Readonly<Record<string, string>>;

const PROJECT_FILES: ProjectFiles = { prod: environmentFile({ kind: "production" }), dev: environmentFile() };

export interface JudgeOptions {
  /** More files of the project. */
  readonly files?: ProjectFiles;
  /** Rules of the pack that are switched off. */
  readonly without?: readonly string[];
}

/** What the real engine and the pack say of a program. */
export interface Judgement {
  readonly passed: boolean;
  readonly findings: readonly PolicyFinding[];
  readonly planned: Plan;
}

/** A stack of its own for programs with something planted, run by the real engine with the policy pack. */
export interface PolicyStack {
  preview(plants: Plants, options?: JudgeOptions): Promise<Judgement>;
  /** Provisions; fails where anything refuses. */
  up(plants: Plants, options?: JudgeOptions): Promise<void>;
  /** The recorded state, as `pulumi stack export` prints it. */
  exportState(secrets: "encrypted" | "decrypted"): Promise<unknown>;
}

/** `env`: the vendors, the state backend and the passphrase. `folder`: for everything that it writes. */
export async function openPolicyStack(folder: string, env: Readonly<Record<string, string>>): Promise<PolicyStack> {
  silenceDebugEvents();
  const command = await findCli();
  const stack = await openStack(command, folder, env);
  const optionsOf = async ({ files = {}, without = [] }: JudgeOptions, plants: Plants) => ({
    program: plantedProgram(plants),
    policyPacks: [await writePack(folder, { ...PROJECT_FILES, ...files })],
    ...(without.length === 0 ? {} : { policyPackConfigs: [await disable(folder, without)] }),
  });
  return {
    preview: async (plants, options = {}) => {
      const reporter = new EngineReporter();
      const failure: unknown = await stack
        .preview({ ...(await optionsOf(options, plants)), onEvent: reporter.onEvent })
        .then(
          () => undefined,
          (error: unknown) => error,
        );
      const { policies: findings } = reporter.report();
      // A preview that failed without a finding failed for another reason.
      if (failure !== undefined && findings.length === 0) throw failure;
      return { passed: failure === undefined, findings, planned: reporter.planned() };
    },
    up: async (plants, options = {}) => {
      await stack.up(await optionsOf(options, plants));
    },
    exportState: async (secrets) => {
      const { workDir, pulumiHome = "", envVars } = stack.workspace;
      const args = ["stack", "export", "--stack", "prod", ...(secrets === "decrypted" ? ["--show-secrets"] : [])];
      const env = { ...envVars, PULUMI_HOME: pulumiHome };
      const stdout = await runCli(command.command, args, { cwd: workDir, env });
      return JSON.parse(stdout) as unknown;
    },
  };
}

function findCli(): Promise<PulumiCommand> {
  const buildSource = join(CHECKOUT, "tools", "pulumi");
  return ensureCli({ env: process.env, buildSource, emit: () => undefined });
}

async function openStack(command: PulumiCommand, folder: string, env: Readonly<Record<string, string>>) {
  const [pulumiHome, workDir] = [join(folder, "home"), join(folder, "work")];
  await Promise.all([mkdir(workDir), installPlugins(pulumiHome, { node: process.execPath })]);
  return LocalWorkspace.createStack(
    { projectName: "kvshift", stackName: "prod", program: async () => ({}) },
    {
      pulumiCommand: command,
      pulumiHome,
      workDir,
      envVars: {
        ...env,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      },
    },
  );
}

/** The program that serves the pack for a project with these files. */
async function writePack(folder: string, files: ProjectFiles): Promise<string> {
  const project = await mkdtemp(join(folder, "project-"));
  const entries = Object.entries(files);
  await Promise.all(entries.map(([name, text]) => writeFile(join(project, `Pulumi.${name}.yaml`), text)));
  return writeAnalyzer(project, { node: process.execPath, checkout: CHECKOUT, project });
}

/** Configuration of the pack that switches rules off. */
async function disable(folder: string, rules: readonly string[]): Promise<string> {
  const file = join(await mkdtemp(join(folder, "config-")), "policies.json");
  await writeFile(file, JSON.stringify(Object.fromEntries(rules.map((rule) => [rule, "disabled"]))));
  return file;
}
