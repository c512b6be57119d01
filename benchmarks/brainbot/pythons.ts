import { mkdtemp, rm } from "node:fs/promises";
import { globSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { findPython } from "../../local-cloud/python/find-python.ts";
import { runStep } from "../../local-cloud/installing/run-step.ts";
import { environmentOf, freshEnvironment } from "../../local-cloud/python/virtual-environment.ts";
import { machineOf } from "../../src/cli/demo/python-machine.ts";
import { PACKAGE, requirementsOf, suitesOf } from "../../scripts/python/suites.ts";
import type { SideName } from "./sides.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** An interpreter for each side, with what it requires: the package of this checkout from its wheel. */
export interface Pythons extends AsyncDisposable {
  readonly paths: Readonly<Record<SideName, string>>;
}

/** @throws Error where there is no Python, or where a package cannot be had */
export async function preparePythons(): Promise<Pythons> {
  const python = findPython(process.env);
  if (python === undefined) throw new Error("There is no Python from 3.10 on with venv, on PATH or of pyenv.");
  const scratch = await mkdtemp(join(tmpdir(), "kvshift-bench-"));
  const disposable = { [Symbol.asyncDispose]: () => rm(scratch, { recursive: true, force: true }) };
  try {
    const machine = machineOf(process.env);
    const made = (folder: string) => environmentOf(python, { requirements: requirements(folder) }, machine);
    const source = join("python", PACKAGE);
    const builder = await made(source);
    const build = ["-m", "build", "--no-isolation", "--wheel", "--outdir", scratch, join(ROOT, source)];
    await runStep(builder, build, { cwd: scratch, env: machine.env });
    const [wheel = ""] = globSync("*.whl", { cwd: scratch });
    const before = await made("examples/brainbot/before");
    const base = await made("examples/brainbot/after");
    const after = await freshEnvironment(join(scratch, "after"), python, base, join(scratch, wheel), machine.env);
    return { paths: { before, after }, ...disposable };
  } catch (error) {
    await disposable[Symbol.asyncDispose]();
    throw error;
  }
}

function requirements(folder: string): string[] {
  const suite = suitesOf(ROOT).find((one) => one.folder === folder);
  if (suite === undefined) throw new Error(`no suite in ${folder}`);
  return requirementsOf(ROOT, suite);
}
