import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { cacheFolder } from "../../src/engine/pulumi-cli/cache-folder.ts";
import type { Python } from "./find-python.ts";

const QUIET = ["--quiet", "--no-input", "--disable-pip-version-check"] as const;

/** A virtual environment with packages, made once in the per-user cache. Returns the path of its interpreter. */
export async function environmentOf(python: Python, requirements: readonly string[]): Promise<string> {
  const digest = createHash("sha256")
    .update([python.version, ...requirements].join("\n"))
    .digest("hex");
  const folder = join(cacheFolder(process.env), "python", `${python.version}-${digest.slice(0, 16)}`);
  if (existsSync(folder)) return interpreterIn(folder);
  await mkdir(dirname(folder), { recursive: true });
  // Complete or not there: another run may install at the same time, or may have been killed.
  const draft = `${folder}.${String(process.pid)}.draft`;
  await rm(draft, { recursive: true, force: true });
  run(python.path, ["-m", "venv", draft]);
  run(interpreterIn(draft), ["-m", "pip", "install", ...QUIET, ...requirements]);
  // Whoever comes second keeps what the first one made.
  await rename(draft, folder).catch(async () => rm(draft, { recursive: true, force: true }));
  return interpreterIn(folder);
}

/**
 * A fresh environment in `folder` with a wheel in it, and with the packages of another environment beside it. Fails where
 * the wheel needs a package that is not there. Returns the path of its interpreter.
 */
export async function freshEnvironment(folder: string, python: Python, base: string, wheel: string): Promise<string> {
  run(python.path, ["-m", "venv", "--without-pip", folder]);
  const fresh = interpreterIn(folder);
  await writeFile(join(packagesOf(folder), "base.pth"), `${packagesOf(join(base, "..", ".."))}\n`);
  run(base, ["-m", "pip", "--python", fresh, "install", ...QUIET, "--no-deps", "--no-compile", wheel]);
  run(base, ["-m", "pip", "--python", fresh, "check", ...QUIET]);
  return fresh;
}

/** @throws Error with what the command said */
export function run(command: string, args: readonly string[], cwd = process.cwd()): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status === 0) return;
  const said = error === undefined ? `${stdout}${stderr}` : error.message;
  throw new Error(`${command} ${args.join(" ")} ended with ${String(status)}\n${said}`);
}

function interpreterIn(folder: string): string {
  return join(folder, "bin", "python");
}

function packagesOf(folder: string): string {
  const [found] = globSync("lib/python3.*/site-packages", { cwd: folder });
  if (found === undefined) throw new Error(`${folder} is no virtual environment.`);
  return join(folder, found);
}
