import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url));
const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Before the expiry of the example credentials, whatever today is. */
export const TEST_NOW = "2026-12-01T00:00:00Z";

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Told of the process, so that a test can kill it. */
  readonly onSpawn?: (child: ChildProcess) => void;
}

/** This process's environment without what would point kvshift or Pulumi somewhere. */
export function cleanEnvironment(): Record<string, string> {
  const dropped = /^(PULUMI_|CLOUDFLARE_|RENDER_|KVSHIFT_|NODE_OPTIONS|VITEST|npm_)/;
  const kept = Object.entries(process.env).filter(([name, value]) => value !== undefined && !dropped.test(name));
  const cache = process.env["KVSHIFT_CACHE_DIR"];
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    ...(cache === undefined ? {} : { KVSHIFT_CACHE_DIR: cache }),
    KVSHIFT_NOW: TEST_NOW,
  };
}

/** Runs `kvshift <args>` as a process and waits for its end. */
export async function runKvshift(args: readonly string[], options: RunOptions): Promise<Finished> {
  return runProcess(process.execPath, [MAIN, ...args], options);
}

export async function runProcess(command: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ["ignore", "pipe", "pipe"] });
  options.onSpawn?.(child);
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (chunk: Buffer) => (output[name] += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, ...output };
}

/** The object that a command printed with `--json`; fails with everything it said where there is none. */
export function jsonOf(finished: Finished): Record<string, unknown> {
  const last = finished.stdout.trimEnd().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(last) as Record<string, unknown>;
  } catch {
    throw new Error(
      `no JSON on standard output (exit code ${String(finished.code)}):\n${finished.stdout}\n${finished.stderr}`,
    );
  }
}
