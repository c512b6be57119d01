import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";

import { parse } from "dotenv";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { variableLine } from "../../src/cli/variable-lines.ts";
import { pythonWith } from "../support/python-packages.ts";
import { tempDir } from "../support/temp-dir.ts";

/** What an environment variable can hold, with all that one reader or another treats as special. */
const value = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: fc.constantFrom(..."'\"\\$`!#~ \n\r\t=&|;<>(){}[]*?%aZ9é") }),
  fc.json(),
);
const PYTHON = "import sys, json, dotenv; json.dump(dotenv.dotenv_values(sys.argv[1]), sys.stdout)";
const SHELL = 'set -a; . "$0"; exec "$1" -e "process.stdout.write(JSON.stringify(process.env))"';
const INSTALL_MS = 300_000;

let python = "";
beforeAll(async () => {
  python = await pythonWith("python-dotenv==1.2.2");
}, INSTALL_MS);

/** Every value that has a form, by key, in one file: a process of each reader reads all of them. */
async function written(format: "dotenv" | "shell") {
  const values = fc.sample(value, { numRuns: 600, seed: 42 });
  const lines = values.map(
    (text, index) => [`K${String(index)}`, text, variableLine(format, `K${String(index)}`, text)] as const,
  );
  const formed = lines.filter(([, , line]) => line !== undefined);
  const file = join(await tempDir(), "env");
  const text = `${formed.map(([, , line]) => line).join("\n")}\n`;
  await writeFile(file, text);
  return { file, text, count: formed.length, expected: Object.fromEntries(formed.map(([key, its]) => [key, its])) };
}

const own = (read: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(read).filter(([key]) => /^K\d+$/.test(key)));

function output(command: string, args: readonly string[]): Record<string, unknown> {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: "utf8", env: { PATH: process.env["PATH"] } });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return own(JSON.parse(stdout) as Record<string, unknown>);
}

describe("what `env --format dotenv` prints", () => {
  it("has a form for most values", async () => {
    expect((await written("dotenv")).count).toBeGreaterThan(300);
  });

  it("is read back as it was by npm's dotenv and by Node.js", async () => {
    const { text, expected } = await written("dotenv");
    expect(own(parse(text))).toEqual(expected);
    expect(own(parseEnv(text))).toEqual(expected);
  });

  it("is read back as it was by python-dotenv", async () => {
    const { file, expected } = await written("dotenv");
    expect(output(python, ["-c", PYTHON, file])).toEqual(expected);
  });

  it("is read back as it was by a shell", async () => {
    const { file, expected } = await written("dotenv");
    expect(output("sh", ["-c", SHELL, file, process.execPath])).toEqual(expected);
  });
});

it("what `env --format shell` prints is read back as it was by a shell, whatever it holds", async () => {
  const { file, count, expected } = await written("shell");
  expect(count).toBe(600);
  expect(output("sh", ["-c", SHELL, file, process.execPath])).toEqual(expected);
});
