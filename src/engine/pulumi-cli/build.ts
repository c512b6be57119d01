import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { AppError } from "../../core/app-error.ts";
import { definedOnly } from "../../core/defined.ts";
import type { Emit } from "../../core/events.ts";
import { pause } from "../../core/run-context.ts";
import { spawnSupervised } from "../../processes/spawn-supervised.ts";
import { pathExists } from "../project.ts";
import { takeLock } from "./build-lock.ts";
import { BUILT_VERSION } from "./versions.ts";

const STEP = "Build the Pulumi CLI";
const MAIN_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const WAIT_FOR_OTHER_BUILD_MS = 1_000;
/** Between SIGTERM and SIGKILL of the compiler: it has nothing to put away. */
const GRACE_MS = 2_000;

export interface BuildOptions {
  /** The folder with the pinned `go.mod` and `go.sum`. */
  readonly source: string;
  /** Where `bin/pulumi` goes. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly emit: Emit;
  /** Ends the wait for a build of another process. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Builds the CLI from Go modules: four to five minutes on two cores, once for each user and machine.
 *
 * @throws AppError CLI_UNAVAILABLE with the last lines of the build; retryable unless Go is not installed
 * @throws AppError CLOSED_BY_SIGNAL after an interrupt of the build, or of the wait for another one
 */
export async function buildCli(options: BuildOptions): Promise<void> {
  const lock = await lockOrWait(options);
  try {
    if (await pathExists(join(options.root, "bin", "pulumi"))) return;
    await runGoBuild(options);
  } finally {
    await lock.release();
  }
}

async function lockOrWait({ root, emit, signal }: BuildOptions) {
  for (;;) {
    const lock = await takeLock(join(root, "build.locks"));
    if ("release" in lock) return lock;
    emit({ type: "step-progress", step: STEP, note: `waiting for the build of process ${String(lock.heldBy)}` });
    await pause(WAIT_FOR_OTHER_BUILD_MS, signal).catch((cause: unknown) => {
      throw interrupted("while it waited for another build of the Pulumi CLI", cause);
    });
  }
}

async function runGoBuild({ source, root, env, emit, signal }: BuildOptions): Promise<void> {
  emit({ type: "step-started", step: STEP, note: "4 to 5 minutes on two cores, once for each user" });
  // Renamed into place when whole: a build that was killed must not look like a CLI.
  const unfinished = join(root, "bin", `pulumi.unfinished-${String(process.pid)}`);
  await mkdir(join(root, "bin"), { recursive: true });
  await removeUnfinished(join(root, "bin"));
  const lastLines: string[] = [];
  const build = spawnSupervised("go", goArguments(unfinished), {
    cwd: source,
    env: { ...definedOnly(env), CGO_ENABLED: "0" },
    onOutput: (line) => {
      lastLines.push(line);
      if (lastLines.length > 10) lastLines.shift();
    },
  });
  const stop = (): void => void build.stop(GRACE_MS);
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    const { code } = await build.exited;
    if (signal?.aborted === true) throw interrupted("while the Pulumi CLI was built");
    if (code !== 0) throw buildFailed(code, lastLines);
    await rename(unfinished, join(root, "bin", "pulumi"));
    emit({ type: "step-finished", step: STEP });
  } finally {
    signal?.removeEventListener("abort", stop);
    await rm(unfinished, { force: true });
  }
}

function interrupted(when: string, cause?: unknown): AppError {
  return new AppError("CLOSED_BY_SIGNAL", {
    problem: `The run was interrupted ${when}.`,
    fix: "Run the same command again.",
    retryable: true,
    cause,
  });
}

/** What killed builds left; the lock is ours, so none of it is being written. */
async function removeUnfinished(folder: string): Promise<void> {
  const names = await readdir(folder);
  const left = names.filter((name) => name.startsWith("pulumi.unfinished-"));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
}

function goArguments(output: string): string[] {
  // Without the stamped version `pulumi version` prints nothing and the Automation API refuses the CLI.
  const stamp = `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${BUILT_VERSION.version}`;
  const flags = ["-trimpath", "-tags", "osusergo,grpcnotrace", "-ldflags", `-w -s -X ${stamp}`];
  return ["build", ...flags, "-o", output, MAIN_PACKAGE];
}

function buildFailed(code: number | null, lastLines: readonly string[]): AppError {
  const missing = code === 127;
  return new AppError("CLI_UNAVAILABLE", {
    problem: missing ? "Go is not installed, so the Pulumi CLI cannot be built." : "Building the Pulumi CLI failed.",
    details: lastLines,
    fix: "Install Pulumi 3.249 or newer (https://www.pulumi.com/docs/install/), or Go 1.25 or newer, and run again.",
    retryable: !missing,
  });
}
