import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

export interface AnalyzerOptions {
  /** Absolute path of Node.js 24: the pack is TypeScript and runs as it is. */
  readonly node: string;
  /** Absolute path of the kvshift installation: it holds `policy/` and `node_modules/`. */
  readonly checkout: string;
  /** Absolute path of the project's folder: rules about other environments read their files there. */
  readonly project: string;
}

const EXECUTABLE = 0o755;

/**
 * Writes the program that serves the policy pack and returns its absolute path, which `--policy-pack` takes where no
 * Node.js language host is installed.
 */
export async function writeAnalyzer(folder: string, { node, checkout, project }: AnalyzerOptions): Promise<string> {
  const file = resolve(folder, "kvshift-policy-analyzer");
  const first = ["watch-parent.ts", "skip-closure-compiler.ts"].flatMap((name) => [
    "--import",
    pathToFileURL(join(checkout, "src", "processes", name)).href,
  ]);
  const words = [node, ...first, "index.js"].map(quote).join(" ");
  // The SDK reads the package.json of the working folder. The pack starts as it is: Pulumi's own runner would compile
  // TypeScript first, half a second for nothing. NODE_OPTIONS could load other code into it.
  const lines = [
    "#!/bin/sh",
    "unset NODE_OPTIONS",
    `export KVSHIFT_PROJECT_FOLDER=${quote(resolve(project))}`,
    `cd ${quote(join(checkout, "policy"))} && exec ${words} "$1"`,
    "",
  ];
  await writeFile(file, lines.join("\n"), { mode: EXECUTABLE });
  return file;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
