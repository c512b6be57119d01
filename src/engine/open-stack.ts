import { createRequire } from "node:module";
import { join } from "node:path";

import { LocalWorkspace, type PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";

import { type Adoption, NO_ADOPTION } from "../stack/types.ts";
import type { Project } from "./project.ts";
import type { LockPatience } from "./named-locks.ts";
import type { WorkFolder } from "./work-folder.ts";

const require = createRequire(import.meta.url);

export interface SessionOptions {
  readonly project: Project;
  readonly environment: string;
  /** The text of the settings, where the project has no file of them. */
  readonly settings?: string;
  readonly program: Program;
  readonly command: PulumiCommand;
  /** Absolute URL. */
  readonly backendUrl: string;
  /** Added to this process's environment for the engine, its program and its plugins. */
  readonly env: Readonly<Record<string, string>>;
  /** Fills a private PULUMI_HOME with provider plugins; absent: the user's own PULUMI_HOME serves. */
  readonly installPlugins?: (pulumiHome: string) => Promise<void>;
  /** Writes the policy analyzer into a folder and returns what `--policy-pack` takes. */
  readonly writePolicyPack: (folder: string) => Promise<string>;
  readonly signal?: AbortSignal;
  /** Waits for a lock that only Pulumi knows of, as on object storage; absent: refused at once. */
  readonly lockPatience?: LockPatience;
}

/** Builds the resources of the stack, in each run anew. */
export type Program = (adopt: Adoption) => Promise<Record<string, unknown>>;

/** The stack in its private work folder, with the providers it is to use. `create`: make it where it does not exist. */
export async function openStack(options: SessionOptions, folder: WorkFolder, create: boolean): Promise<Stack> {
  silenceDebugEvents();
  const { project, environment, program, command, backendUrl, env, installPlugins } = options;
  const pulumiHome = installPlugins ? join(folder.path, "pulumi-home") : undefined;
  if (installPlugins && pulumiHome !== undefined) await installPlugins(pulumiHome);
  const workspace = {
    workDir: folder.path,
    pulumiCommand: command,
    ...(pulumiHome === undefined ? {} : { pulumiHome }),
    envVars: {
      ...env,
      PULUMI_BACKEND_URL: backendUrl,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // The CLI runs a dozen times in one `up`, mostly for a moment: with less collecting of garbage all of it takes a
      // tenth less. Whoever sets GOGC has a reason.
      GOGC: process.env["GOGC"] ?? "400",
      ...(installPlugins ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } : {}),
    },
  };
  const stack = { stackName: environment, projectName: project.name, program: () => program(NO_ADOPTION) };
  return withoutSummary(
    await (create
      ? LocalWorkspace.createOrSelectStack(stack, workspace)
      : LocalWorkspace.selectStack(stack, workspace)),
  );
}

/**
 * Keeps debug messages of the SDK from the engine. For every resource it sends one that holds the engine's whole
 * answer, secrets in clear, and the engine puts it into its event stream (`--event-log`) although nobody asked for it.
 */
export function silenceDebugEvents(): void {
  // The very object that the SDK calls through: an ESM namespace of it could not be changed.
  const log: object = require("@pulumi/pulumi/log/index.js");
  Object.assign(log, { debug: () => Promise.resolve() });
}

/**
 * After each operation the SDK reads outputs and history for its answer, and starts the CLI three times for that. Nobody
 * here reads it: outputs come from the exported state, which is needed anyway.
 */
function withoutSummary(stack: Stack): Stack {
  return Object.assign(stack, { outputs: () => Promise.resolve({}), info: () => Promise.resolve(undefined) });
}
