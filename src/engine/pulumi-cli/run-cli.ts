import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execFileAsync = promisify(execFile);

/** A whole state is printed at once. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/** It ends within a moment: below 1 GiB no garbage is collected, a sixth of what it would take. https://go.dev/doc/gc-guide */
const NO_COLLECTING = { GOGC: "off", GOMEMLIMIT: "1GiB" };

/** Runs one command of the CLI that the Automation API does not offer. No secret may be in `args`. */
export async function runCli(
  executable: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    /** What it reads from standard input; absent: nothing. */
    readonly input?: string;
    /** Milliseconds after which it is killed; absent: it has all the time. */
    readonly withinMs?: number;
  },
): Promise<string> {
  const running = execFileAsync(executable, [...args, "--non-interactive"], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env, ...(process.env["GOGC"] === undefined ? NO_COLLECTING : {}) },
    maxBuffer: MAX_OUTPUT_BYTES,
    ...(options.withinMs === undefined ? {} : { timeout: options.withinMs, killSignal: "SIGKILL" }),
  });
  // It may end without reading: why is in what it says.
  running.child.stdin?.on("error", () => undefined);
  if (options.input !== undefined) running.child.stdin?.end(options.input);
  return (await running).stdout;
}

/** Of a CLI that is only asked for its version. */
export const ANSWERS_WITHIN_MS = 20_000;

/** What a CLI says when it is asked for its version, and nothing is asked of the network; rejects where it cannot be run. */
export function askVersion(executable: string, withinMs = ANSWERS_WITHIN_MS): Promise<string> {
  const env = { PULUMI_SKIP_UPDATE_CHECK: "true" };
  return runCli(executable, ["version"], { cwd: process.cwd(), env, withinMs });
}

/** Whether a call failed because it took longer than it may. */
export function ranTooLong(error: unknown): boolean {
  return error instanceof Error && "killed" in error && error.killed === true;
}
