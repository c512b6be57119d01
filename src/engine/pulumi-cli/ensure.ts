import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import type { SemVer } from "semver";

import { AppError } from "../../core/app-error.ts";
import type { Emit } from "../../core/events.ts";
import { buildCli } from "./build.ts";
import { cacheFolder, cliRoot } from "./cache-folder.ts";
import { BUILT_VERSION, isUsable } from "./versions.ts";

const STEP = "Find the Pulumi CLI";
const INSTALLER = "https://get.pulumi.com/install.sh";
const REACHABLE_WITHIN_MS = 5_000;

export interface EnsureOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder `tools/pulumi` of the kvshift installation. */
  readonly buildSource: string;
  readonly emit: Emit;
  /** Ends waiting. */
  readonly signal?: AbortSignal;
}

/**
 * The Pulumi CLI, in this order: on PATH (3.249 or newer), in the per-user cache, from Pulumi's official installer
 * (fails within a second without internet), built from Go modules.
 *
 * @throws AppError CLI_UNAVAILABLE where it cannot be built, or what was built cannot be run on this machine
 * @throws AppError CLOSED_BY_SIGNAL after an interrupt of the wait for another build
 */
export async function ensureCli(options: EnsureOptions): Promise<PulumiCommand> {
  const { env, emit, signal } = options;
  const onPath = await get(undefined);
  if (onPath && isUsable(onPath.version)) return onPath;
  if (onPath) emit({ type: "warning", text: `pulumi on PATH ${unusable(onPath.version)}: passed over` });
  const root = cliRoot(cacheFolder(env), BUILT_VERSION.version);
  const cached = await get(root);
  if (cached) return cached;
  const installed = await install(root, emit);
  if (installed) return installed;
  await buildCli({ source: options.buildSource, root, env, emit, signal });
  const built = await get(root);
  if (built) return built;
  throw new AppError("CLI_UNAVAILABLE", {
    problem: "The Pulumi CLI in the per-user cache cannot be run on this machine.",
    details: [root],
    fix: "Remove that folder and run again, or set KVSHIFT_CACHE_DIR to a folder from which programs may be run.",
  });
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
