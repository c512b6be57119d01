import { mkdtemp, rm } from "node:fs/promises";
import { globSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { findPython } from "../../scripts/python/find-python.ts";
import { PACKAGE, requirementsOf, suitesOf } from "../../scripts/python/suites.ts";
import { environmentOf, freshEnvironment, run } from "../../scripts/python/virtual-environment.ts";
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
    const source = join("python", PACKAGE);
    const builder = await environmentOf(python, requirements(source));
    run(builder, ["-m", "build", "--no-isolation", "--wheel", "--outdir", scratch, join(ROOT, source)]);
    const [wheel = ""] = globSync("*.whl", { cwd: scratch });
    const before = await environmentOf(python, requirements("examples/brainbot/before"));
    const base = await environmentOf(python, requirements("examples/brainbot/after"));
    const after = await freshEnvironment(join(scratch, "after"), python, base, join(scratch, wheel));
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
