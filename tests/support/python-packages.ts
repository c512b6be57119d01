import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { cacheFolder } from "../../src/engine/pulumi-cli/cache-folder.ts";
import { runProcess } from "./kvshift.ts";

/** Of the package `cloudflare` on PyPI. */
const SDK_VERSION = "5.9.0";
/** Of the package `zizmor` on PyPI. */
const ZIZMOR_VERSION = "1.32.0";

/** Python with Cloudflare's official SDK. Returns the path of the interpreter. */
export async function pythonWithSdk(): Promise<string> {
  return join(await pythonPackage("cloudflare", SDK_VERSION, "python-sdk"), "bin", "python");
}

/** The linter of GitHub workflows. Returns the path of the command. https://docs.zizmor.sh/ */
export async function zizmor(): Promise<string> {
  return join(await pythonPackage("zizmor", ZIZMOR_VERSION, "zizmor"), "bin", "zizmor");
}

/** A virtual environment with one package, made once in the per-user cache. Returns its folder. */
async function pythonPackage(name: string, version: string, cache: string): Promise<string> {
  const folder = join(cacheFolder(process.env), cache, version);
  if (existsSync(join(folder, "bin", "python"))) return folder;
  await mkdir(dirname(folder), { recursive: true });
  // Complete or not there: another run may install at the same time, or may have been killed.
  const draft = `${folder}.${String(process.pid)}.draft`;
  await rm(draft, { recursive: true, force: true });
  await run("python3", "-m", "venv", draft);
  await run(
    join(draft, "bin", "python"),
    "-m",
    "pip",
    "install",
    "--quiet",
    // Compiling all of it takes longer than the one run needs.
    "--no-compile",
    "--no-input",
    "--disable-pip-version-check",
    `${name}==${version}`,
  );
  // Whoever comes second keeps what the first one made.
  await rename(draft, folder).catch(async () => rm(draft, { recursive: true, force: true }));
  return folder;
}

async function run(command: string, ...args: readonly string[]): Promise<void> {
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const { code, stderr } = await runProcess(command, args, { cwd: process.cwd(), env });
  if (code === 0) return;
  throw new Error(
    `${command} ${args.join(" ")} ended with ${String(code)}: it needs Python 3.9 with venv, and PyPI.\n${stderr}`,
  );
}
