import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

export interface AnalyzerOptions {
  /** Absolute path of Node.js 24: the pack is TypeScript and runs as it is. */
  readonly node: string;
  /** Absolute path of the kvshift installation: it holds `policy/` and `node_modules/`. */
  readonly checkout: string;
}

const EXECUTABLE = 0o755;

/**
 * Writes the program that serves the policy pack and returns its absolute path, which `--policy-pack` takes where no
 * Node.js language host is installed.
 */
export async function writeAnalyzer(folder: string, { node, checkout }: AnalyzerOptions): Promise<string> {
  const file = resolve(folder, "kvshift-policy-analyzer");
  const watchParent = pathToFileURL(join(checkout, "src", "processes", "watch-parent.ts")).href;
  const words = [node, "--import", watchParent, "index.js"].map(quote).join(" ");
  // The SDK reads the package.json of the working folder. The pack starts as it is: Pulumi's own runner would load a
  // TypeScript compiler first, half a second for nothing. NODE_OPTIONS could load other code into it.
  const lines = ["#!/bin/sh", "unset NODE_OPTIONS", `cd ${quote(join(checkout, "policy"))} && exec ${words} "$1"`, ""];
  await writeFile(file, lines.join("\n"), { mode: EXECUTABLE });
  return file;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
