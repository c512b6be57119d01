import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Output } from "../src/cli/output.ts";
import { AppError } from "../src/core/app-error.ts";
import { ensureCli } from "../src/engine/pulumi-cli/ensure.ts";
import { endWithStarter } from "../src/processes/lifeline.ts";

endWithStarter(process.env);

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs");

interface Counts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

const WITHOUT_PYTHON = "--without-python";
const given = process.argv.slice(2);
const soak = given[0] === "--soak";
const args = given.slice(soak ? 1 : 0).filter((arg) => arg !== WITHOUT_PYTHON);
const output = new Output(process, { json: false, env: process.env });

try {
  // The tests of the real engine need the CLI; its first build takes minutes and belongs to no test's time limit.
  await ensureCli({ env: process.env, buildSource: join(ROOT, "tools", "pulumi"), emit: output.emit });
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  output.error(error);
  process.stdout.write("Tests: 0 passed, 1 failed\n");
  process.exit(error.exitCode);
}

const folder = mkdtempSync(join(tmpdir(), "kvshift-tests-"));
const report = join(folder, "report.json");
const vitest = spawnSync(
  process.execPath,
  [VITEST, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args],
  { cwd: ROOT, stdio: "inherit", env: { ...process.env, ...(soak ? { KVSHIFT_SOAK: "1" } : {}) } },
);
const counts = readCounts(report);
const python = testPython();
rmSync(folder, { recursive: true, force: true });
const passed = counts.numPassedTests + python.passed;
const failed = counts.numFailedTests + python.failed;
process.stdout.write(`Tests: ${String(passed)} passed, ${String(failed)} failed\n`);
process.exitCode = vitest.status === 0 && python.failed > 0 ? 1 : (vitest.status ?? 1);

/** The suites in Python, unless a part of the others was asked for. */
function testPython(): { readonly passed: number; readonly failed: number } {
  if (args.length > 0) return { passed: 0, failed: 0 };
  const pythonReport = join(folder, "python.json");
  const flags = given.includes(WITHOUT_PYTHON) ? [WITHOUT_PYTHON] : [];
  spawnSync(process.execPath, [join(ROOT, "scripts", "test-python.ts"), "--report", pythonReport, ...flags], {
    cwd: ROOT,
    stdio: "inherit",
  });
  try {
    return JSON.parse(readFileSync(pythonReport, "utf8")) as { passed: number; failed: number };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

/** A run that broke down before it could report counts as one failure. */
function readCounts(path: string): Counts {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Counts;
  } catch {
    return { numPassedTests: 0, numFailedTests: 1 };
  }
}
