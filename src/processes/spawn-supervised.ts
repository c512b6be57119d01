import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SUPERVISOR = fileURLToPath(new URL("./supervise.js", import.meta.url));

export interface SupervisedOptions {
  /** The whole environment of the child; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Receives each line that the child writes. */
  readonly onOutput?: (line: string, stream: "stdout" | "stderr") => void;
}

export interface Supervised {
  /** The supervisor's process id. */
  readonly pid: number;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** SIGTERM to the child and all it started, SIGKILL after `graceMs`. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
}

/** Starts a command that cannot outlive this process, not even when this process is killed. */
export function spawnSupervised(command: string, args: readonly string[], options: SupervisedOptions): Supervised {
  const child = spawn(process.execPath, [SUPERVISOR, command, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  child.stdin.on("error", () => undefined); // The child may end before "kill" is written.
  for (const stream of ["stdout", "stderr"] as const) {
    createInterface({ input: child[stream] }).on("line", (line) => options.onOutput?.(line, stream));
  }
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("error", () => {
      resolve({ code: 127, signal: null });
    });
    child.once("close", (code, signal) => {
      resolve({ code, signal });
    });
  });
  return {
    pid: child.pid ?? -1,
    exited,
    stop: async (graceMs) => {
      child.kill("SIGTERM");
      const kill = setTimeout(() => child.stdin.write("kill\n"), graceMs);
      await exited;
      clearTimeout(kill);
    },
  };
}
