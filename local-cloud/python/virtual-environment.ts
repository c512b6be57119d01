import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { fillOnce } from "../installing/fill-once.ts";
import { runStep } from "../installing/run-step.ts";
import type { Python } from "./find-python.ts";

const QUIET = ["--quiet", "--no-input", "--disable-pip-version-check"] as const;
/** Of a package: what decides what its wheel holds. */
const PACKAGE_FILES = ["pyproject.toml", "README.md", "src/**/*.py"];

/** What an environment holds. */
export interface Packages {
  /** As pip takes them: `fastapi==0.162.5`. */
  readonly requirements: readonly string[];
  /** Folder of a package that is installed beside them: with another content it is another environment. */
  readonly source?: string;
  /** Whether modules are compiled when they are installed; default true. What runs once is there sooner without. */
  readonly compiled?: boolean;
}

/** Where environments are made. */
export interface Machine {
  /** The per-user folder that outlives checkouts. */
  readonly cache: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A virtual environment with packages, made once in the per-user cache. Returns the path of its interpreter.
 *
 * @throws StepFailed where it cannot be made
 */
export async function environmentOf(python: Python, packages: Packages, { cache, env }: Machine): Promise<string> {
  const { requirements, source, compiled = true } = packages;
  const digest = createHash("sha256").update([python.version, ...requirements].join("\n"));
  for (const part of await contentOf(source)) digest.update(part);
  const folder = join(cache, "python", `${python.version}-${digest.digest("hex").slice(0, 16)}`);
  // First: pip then takes it for whatever version of it the requirements name.
  const sources = source === undefined ? [] : [source];
  const wanted = [...(compiled ? [] : ["--no-compile"]), ...sources, ...requirements];
  await fillOnce(folder, async (draft) => {
    await runStep(python.path, ["-m", "venv", draft], { cwd: draft, env });
    await runStep(interpreterIn(draft), ["-m", "pip", "install", ...QUIET, ...wanted], { cwd: draft, env });
  });
  return interpreterIn(folder);
}

/**
 * A fresh environment in `folder` with a wheel in it, and with the packages of another environment beside it. Returns the
 * path of its interpreter.
 *
 * @throws StepFailed where the wheel needs a package that is not there
 */
export async function freshEnvironment(
  folder: string,
  python: Python,
  base: string,
  wheel: string,
  env: Machine["env"],
): Promise<string> {
  const options = { cwd: join(base, "..", ".."), env };
  await runStep(python.path, ["-m", "venv", "--without-pip", folder], options);
  const fresh = interpreterIn(folder);
  await writeFile(join(packagesOf(folder), "base.pth"), `${packagesOf(options.cwd)}\n`);
  const install = ["install", ...QUIET, "--no-deps", "--no-compile", wheel];
  await runStep(base, ["-m", "pip", "--python", fresh, ...install], options);
  await runStep(base, ["-m", "pip", "--python", fresh, "check", ...QUIET], options);
  return fresh;
}

async function contentOf(source: string | undefined): Promise<(string | Buffer)[]> {
  if (source === undefined) return [];
  const files = globSync(PACKAGE_FILES, { cwd: source }).toSorted();
  const contents = await Promise.all(files.map((file) => readFile(join(source, file))));
  return files.flatMap((file, index) => [`\n${file}\n`, contents[index] ?? ""]);
}

function interpreterIn(folder: string): string {
  return join(folder, "bin", "python");
}

function packagesOf(folder: string): string {
  const [found] = globSync("lib/python3.*/site-packages", { cwd: folder });
  if (found === undefined) throw new Error(`${folder} is no virtual environment.`);
  return join(folder, found);
}
