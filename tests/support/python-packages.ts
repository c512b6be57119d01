import { dirname, join } from "node:path";

import { findPython } from "../../local-cloud/python/find-python.ts";
import { environmentOf } from "../../local-cloud/python/virtual-environment.ts";
import { machineOf } from "../../src/cli/demo/python-machine.ts";

/** Python with Cloudflare's official SDK. Returns the path of the interpreter. */
export function pythonWithSdk(): Promise<string> {
  return pythonWith("cloudflare==5.9.0");
}

/** The linter of GitHub workflows. Returns the path of the command. https://docs.zizmor.sh/ */
export async function zizmor(): Promise<string> {
  return join(dirname(await pythonWith("zizmor==1.32.0")), "zizmor");
}

/** Python with one package. Returns the path of the interpreter. */
export function pythonWith(requirement: string): Promise<string> {
  const python = findPython(process.env);
  if (python === undefined) throw new Error("This test needs Python 3.10 or newer with venv, and PyPI.");
  return environmentOf(python, { requirements: [requirement], compiled: false }, machineOf(process.env));
}
