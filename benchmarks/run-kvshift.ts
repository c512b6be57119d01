import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { z } from "zod";

export const CLI = fileURLToPath(new URL("../bin/kvshift.js", import.meta.url));

/** Runs a command of kvshift as a process: what it printed as JSON, and how long all of it took, in milliseconds. */
export async function runJson(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
  const started = performance.now();
  const child = spawn(process.execPath, [CLI, ...args, "--json"], {
    cwd,
    env: { ...ownEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += String(chunk)));
  child.stderr.on("data", (chunk: Buffer) => (stderr += String(chunk)));
  const [code] = z.tuple([z.number().nullable(), z.unknown()]).parse(await once(child, "close"));
  if (code !== 0) throw new Error(`kvshift ${args.join(" ")} ended with ${String(code)}\n${stderr}`);
  const json: unknown = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  return { ms: performance.now() - started, json };
}

/** Without the pipe by which this process watches its starter: it is not handed on. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  delete env["KVSHIFT_LIFELINE_FD"];
  return env;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
