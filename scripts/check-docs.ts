// Documents must not drift: generated ones are fresh, links lead somewhere, and every command that a reader is told
// to run exists with its options. tests/e2e/documented-commands.test.ts runs them.
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { COMMANDS } from "../src/cli/commands.ts";
import { documentCommands, documents } from "./document-commands.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SHARED_OPTIONS = ["--json", "--cwd", "--help"] as const;

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };

function staleDocuments(): string[] {
  return globSync("scripts/generate-*.ts", { cwd: ROOT }).flatMap((script) => {
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, script), "--check"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    return status === 0 ? [] : [stderr.trim()];
  });
}

function brokenLinks(): string[] {
  return documents(ROOT).flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? "");
    const local = targets.filter((target) => !/^[a-z]+:/.test(target));
    return local
      .filter((target) => !existsSync(join(ROOT, dirname(file), target)))
      .map((target) => `${file}: no file ${target}`);
  });
}

function unknownCommands(): string[] {
  return documentCommands(ROOT).flatMap(({ file, line, command }) => {
    const problem = problemOf(command);
    return problem === undefined ? [] : [`${file}:${String(line)}: ${problem}: ${command}`];
  });
}

function problemOf(command: string): string | undefined {
  const script = /^npm (test|run (?:--silent )?[\w:]+)/.exec(command)?.[1]?.split(" ").at(-1);
  if (script !== undefined && scripts[script] === undefined) return "no such npm script";
  const words = /^npx kvshift (.*)$/.exec(command)?.[1]?.split(/\s+/);
  if (!words) return undefined;
  const definition = COMMANDS.find(({ name }) => words.slice(0, name.split(" ").length).join(" ") === name);
  if (!definition) return "no such command";
  const known = new Set([...definition.options.map(({ flags }) => flags.split(" ")[0]), ...SHARED_OPTIONS]);
  return words.every((word) => !word.startsWith("--") || known.has(word)) ? undefined : "no such option";
}

/** Commands inside sentences and tables: what they name exists. */
function brokenInlineCommands(): string[] {
  return documents(ROOT).flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    const commands = [...text.matchAll(/`((?:npm|npx|node) [^`]+)`/g)].map((match) => match[1] ?? "");
    return commands.flatMap((command) => {
      const paths = command.split(/\s+/).filter((word) => /^(tests|scripts|src)\//.test(word));
      const missing = paths.filter((path) => !existsSync(join(ROOT, path)));
      const problem = missing.length > 0 ? `no file ${missing.join(", ")}` : problemOf(command);
      return problem === undefined || command.includes("<") ? [] : [`${file}: ${problem}: ${command}`];
    });
  });
}

const problems = [...staleDocuments(), ...brokenLinks(), ...unknownCommands(), ...brokenInlineCommands()];
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
