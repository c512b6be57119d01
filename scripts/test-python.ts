// Tests the Python of this repository: the package from its wheel, and the examples. Options of its own: `--without-python`,
// where there is none; `--report <file>`, for the counts as JSON. All others are pytest's, and run the package's suite alone.
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { runStep } from "../local-cloud/installing/run-step.ts";
import { findPython, type Python } from "../local-cloud/python/find-python.ts";
import { environmentOf, freshEnvironment } from "../local-cloud/python/virtual-environment.ts";
import { endWithStarter } from "../src/processes/lifeline.ts";
import { machineOf } from "../src/cli/demo/python-machine.ts";
import { countsIn, type TestCounts } from "./python/pytest-report.ts";
import { startStage } from "./python/stage.ts";
import { PACKAGE, requirementsOf, type Suite, suitesOf, usesPackage } from "./python/suites.ts";

endWithStarter(process.env);

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const machine = machineOf(process.env);
const { values, positionals, tokens } = parseArgs({
  args: process.argv.slice(2),
  options: { "without-python": { type: "boolean" }, report: { type: "string" } },
  strict: false,
  allowPositionals: true,
  tokens: true,
});
const own = new Set(["without-python", "report"]);
const isFiltered = positionals.length > 0 || tokens.some((token) => token.kind === "option" && !own.has(token.name));
const forPytest = isFiltered ? process.argv.slice(2).filter((_, index) => !isOwn(index)) : [];

function isOwn(index: number): boolean {
  return tokens.some(
    (token) =>
      token.kind === "option" &&
      own.has(token.name) &&
      (token.index === index || (token.value !== undefined && !token.inlineValue && token.index + 1 === index)),
  );
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Runs a tool of an environment with more variables than this process has; what it says is shown. */
function passes(
  python: string,
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): boolean {
  // pyright is a program for Node.js: it takes the project's own and fetches none.
  const path = [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
  const env = {
    ...process.env,
    ...variables,
    PATH: path,
    PYTHONDONTWRITEBYTECODE: "1",
    PYRIGHT_PYTHON_IGNORE_WARNINGS: "1",
  };
  return spawnSync(python, args, { cwd, env, stdio: "inherit" }).status === 0;
}

function checked(base: string, fresh: string, folder: string): TestCounts {
  const checks = [
    ["-m", "ruff", "check", "."],
    ["-m", "ruff", "format", "--check", "."],
    ["-m", "pyright", "--pythonpath", fresh],
  ];
  const failed = checks.filter((args) => !passes(base, args, folder)).length;
  return { passed: checks.length - failed, failed };
}

async function tested(suite: Suite, python: Python, wheel: string, scratch: string): Promise<TestCounts> {
  say(`▸ ${suite.name}`);
  const folder = join(ROOT, suite.folder);
  const base = await environmentOf(python, { requirements: requirementsOf(ROOT, suite) }, machine);
  const name = suite.folder.replaceAll("/", "-");
  const fresh = usesPackage(ROOT, suite)
    ? await freshEnvironment(join(scratch, name), python, base, wheel, machine.env)
    : base;
  const report = join(scratch, `${name}.xml`);
  const pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", `--junitxml=${report}`, ...forPytest];
  if (suite.stage === undefined) {
    passes(fresh, pytest, folder);
  } else {
    await using stage = await startStage(suite.stage);
    passes(fresh, pytest, folder, stage.variables);
  }
  const counts = countsIn(report);
  if (isFiltered) return counts;
  const checks = checked(base, fresh, folder);
  return { passed: counts.passed + checks.passed, failed: counts.failed + checks.failed };
}

async function all(python: Python): Promise<TestCounts> {
  const scratch = mkdtempSync(join(tmpdir(), "kvshift-python-"));
  try {
    const suites = suitesOf(ROOT).filter(({ name }) => !isFiltered || name === PACKAGE);
    const [first] = suites;
    if (first === undefined) return { passed: 0, failed: 0 };
    const builder = await environmentOf(python, { requirements: requirementsOf(ROOT, first) }, machine);
    const build = ["-m", "build", "--no-isolation", "--outdir", scratch, join(ROOT, first.folder)];
    await runStep(builder, build, { cwd: scratch, env: machine.env });
    const [wheel = ""] = globSync("*.whl", { cwd: scratch });
    const total = { passed: 0, failed: 0 };
    for (const suite of suites) {
      const { passed, failed } = await tested(suite, python, join(scratch, wheel), scratch);
      total.passed += passed;
      total.failed += failed;
    }
    return total;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function outcome(): Promise<TestCounts> {
  if (values["without-python"] === true) {
    say("Python was left out: --without-python.");
    return { passed: 0, failed: 0 };
  }
  const python = findPython(process.env);
  if (python === undefined) {
    say("✗ There is no Python from 3.10 to 3.14 with venv, on PATH or of pyenv.");
    say("  Fix: install one, or give --without-python: then nothing of the Python package is tested.");
    return { passed: 0, failed: 1 };
  }
  say(`Python ${python.version}: ${python.path}`);
  try {
    return await all(python);
  } catch (error) {
    say(`✗ ${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1 };
  }
}

const counts = await outcome();
if (typeof values.report === "string") writeFileSync(values.report, JSON.stringify(counts));
else say(`Tests: ${String(counts.passed)} passed, ${String(counts.failed)} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
