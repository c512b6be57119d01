import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { requirementsIn } from "../../local-cloud/python/requirements.ts";

/** Tests of Python code of this repository. */
export interface Suite {
  readonly name: string;
  /** Where pytest runs, relative to the checkout. */
  readonly folder: string;
  /** Files of packages, relative to `folder`. The package of this repository is installed from its wheel. */
  readonly requirements: readonly string[];
  /** What it runs on, by its name in scripts/brainbot-stage.ts; absent: it starts that itself. */
  readonly stage?: string;
}

/** The package of this repository, whatever version is asked for. */
export const PACKAGE = "kvshift-kv";

const SUITES: readonly Suite[] = [
  { name: PACKAGE, folder: "python/kvshift-kv", requirements: ["requirements-test.txt"] },
  ...["before", "after"].map((side) => ({
    name: `brainbot, ${side}`,
    folder: `examples/brainbot/${side}`,
    requirements: ["requirements.txt", "requirements-test.txt"],
    stage: side,
  })),
];

/** Those that this checkout has. */
export function suitesOf(root: string): Suite[] {
  return SUITES.filter(({ folder }) => existsSync(join(root, folder, "tests")));
}

/** What a suite needs beside the package of this repository, one requirement a line. */
export function requirementsOf(root: string, suite: Suite): string[] {
  return linesOf(root, suite).filter((line) => !line.startsWith("-") && !isPackage(line));
}

/** Whether it imports the package of this repository. */
export function usesPackage(root: string, suite: Suite): boolean {
  return suite.name === PACKAGE || linesOf(root, suite).some(isPackage);
}

function linesOf(root: string, { folder, requirements }: Suite): string[] {
  return requirements
    .map((file) => join(root, folder, file))
    .filter((path) => existsSync(path))
    .flatMap((path) => requirementsIn(readFileSync(path, "utf8")));
}

function isPackage(line: string): boolean {
  return line.startsWith(PACKAGE) || line.startsWith(".");
}
