import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import type { SemVer } from "semver";

import { AppError } from "../../core/app-error.ts";
import type { Emit } from "../../core/events.ts";
import { buildCli } from "./build.ts";
import { cacheFolder, cliRoot } from "./cache-folder.ts";
import { ANSWERS_WITHIN_MS, askVersion, ranTooLong } from "./run-cli.ts";
import { BUILT_VERSION, isUsable } from "./versions.ts";

const STEP = "Find the Pulumi CLI";
const INSTALLER = "https://get.pulumi.com/install.sh";
const REACHABLE_WITHIN_MS = 5_000;

export interface EnsureOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder `tools/pulumi` of the kvshift installation. */
  readonly buildSource: string;
  readonly emit: Emit;
  /** How long a CLI on PATH may take to name its version; default: 20 s. */
  readonly answersWithinMs?: number;
  /** Ends waiting. */
  readonly signal?: AbortSignal;
}

/** What was found, by where it was looked for. */
const found = new Map<string, PulumiCommand>();

/**
 * The Pulumi CLI, in this order: on PATH (3.249 or newer), in the per-user cache, from Pulumi's official installer
 * (fails within a second without internet), built from Go modules. A process looks for it once: a rotation opens its
 * environment at each of its steps, and each look starts the CLI.
 *
 * @throws AppError CLI_UNAVAILABLE where it cannot be built, or what was built cannot be run on this machine
 * @throws AppError CLOSED_BY_SIGNAL after an interrupt of the wait for another build
 */
export async function ensureCli(options: EnsureOptions): Promise<PulumiCommand> {
  const root = cliRoot(cacheFolder(options.env), BUILT_VERSION.version);
  const place = JSON.stringify([process.env["PATH"], root]);
  const command = found.get(place) ?? (await findCli(root, options));
  found.set(place, command);
  return command;
}

async function findCli(
  root: string,
  { env, emit, signal, buildSource, answersWithinMs = ANSWERS_WITHIN_MS }: EnsureOptions,
): Promise<PulumiCommand> {
  const hangs = await isSilent(answersWithinMs);
  if (hangs)
    emit({ type: "warning", text: `pulumi on PATH says nothing for ${String(answersWithinMs / 1000)} s: passed over` });
  const onPath = hangs ? undefined : await get(undefined);
  if (onPath && isUsable(onPath.version)) return onPath;
  if (onPath) emit({ type: "warning", text: `pulumi on PATH ${unusable(onPath.version)}: passed over` });
  const cached = await get(root);
  if (cached) return cached;
  const installed = await install(root, emit);
  if (installed) return installed;
  await buildCli({ source: buildSource, root, env, emit, signal });
  const built = await get(root);
  if (built) return built;
  throw new AppError("CLI_UNAVAILABLE", {
    problem: "The Pulumi CLI in the per-user cache cannot be run on this machine.",
    details: [root],
    fix: "Remove that folder and run again, or set KVSHIFT_CACHE_DIR to a folder from which programs may be run.",
  });
}

/** Whether what is called `pulumi` on PATH hangs: the SDK would wait for it for ever. */
async function isSilent(withinMs: number): Promise<boolean> {
  try {
    await askVersion("pulumi", withinMs);
    return false;
  } catch (error) {
    return ranTooLong(error);
  }
}

function unusable(version: SemVer | null): string {
  return version === null ? "names no version" : `is too old (${version.version})`;
}

async function get(root: string | undefined): Promise<PulumiCommand | undefined> {
  try {
    return await PulumiCommand.get({ ...(root === undefined ? {} : { root }), skipVersionCheck: true });
  } catch {
    return undefined;
  }
}

async function install(root: string, emit: Emit): Promise<PulumiCommand | undefined> {
  emit({ type: "step-started", step: STEP, note: "none found; asking Pulumi's official installer" });
  try {
    // The SDK's download has no limit of its own: without internet behind a silent firewall it would hang.
    await fetch(INSTALLER, { method: "HEAD", signal: AbortSignal.timeout(REACHABLE_WITHIN_MS) });
    const command = await PulumiCommand.install({ root, version: BUILT_VERSION, skipVersionCheck: true });
    emit({ type: "step-finished", step: STEP, note: "installed into the per-user cache" });
    return command;
  } catch {
    emit({ type: "step-finished", step: STEP, note: "the installer cannot be reached: it is built from Go modules" });
    return undefined;
  }
}
