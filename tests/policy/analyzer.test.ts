import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import { promisify } from "node:util";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { writeAnalyzer } from "../../src/policy/analyzer.ts";

const run = promisify(execFile);

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kvshift-analyzer-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A stand-in for Node.js that shows what it was started with. */
async function writeEcho(checkout: string): Promise<string> {
  const echo = join(checkout, "show arguments");
  await writeFile(echo, '#!/bin/sh\npwd\nprintf "%s\\n" "${NODE_OPTIONS-unset}" "$KVSHIFT_PROJECT_FOLDER" "$@"\n', {
    mode: 0o755,
  });
  return echo;
}

describe("writeAnalyzer", () => {
  it("starts the pack in the policy folder, with the project named, watching its parent", async () => {
    const checkout = join(folder, "it's a checkout");
    await mkdir(join(checkout, "policy"), { recursive: true });
    const analyzer = await writeAnalyzer(folder, {
      node: await writeEcho(checkout),
      checkout,
      project: "/it's a project",
    });
    const { stdout } = await run(analyzer, ["127.0.0.1:1234"], { env: { NODE_OPTIONS: "--no-warnings" } });
    const [workFolder, ...args] = stdout.trimEnd().split("\n");
    expect(workFolder).toBe(join(checkout, "policy"));
    expect(args).toEqual([
      "unset",
      "/it's a project",
      "--import",
      expect.stringMatching(/^file:\/\/\/.*\/it's%20a%20checkout\/src\/processes\/watch-parent\.ts$/),
      "--import",
      expect.stringMatching(/\/src\/processes\/skip-closure-compiler\.ts$/),
      "index.js",
      "127.0.0.1:1234",
    ]);
  });

  it("fails where the policy folder is missing", async () => {
    const analyzer = await writeAnalyzer(folder, {
      node: await writeEcho(folder),
      checkout: join(folder, "gone"),
      project: folder,
    });
    await expect(run(analyzer, ["127.0.0.1:1234"])).rejects.toThrow(/Command failed/);
  });

  it("returns an absolute path of an executable file", async () => {
    const analyzer = await writeAnalyzer(relative(process.cwd(), folder), {
      node: process.execPath,
      checkout: folder,
      project: folder,
    });
    expect(isAbsolute(analyzer)).toBe(true);
    expect((await stat(analyzer)).mode & 0o100).toBe(0o100);
    expect(await readFile(analyzer, "utf8")).toMatch(/^#!\/bin\/sh\n/);
  });
});
