import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { cacheFolder, cliRoot } from "../../src/engine/pulumi-cli/cache-folder.ts";
import { BUILT_VERSION } from "../../src/engine/pulumi-cli/versions.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";

let evidence: string;
let stage: LocalStage;
const printed: string[] = [];

/**
 * A CLI that keeps evidence and then does what it was asked: its arguments before, and after each run everything
 * that lies in the folder for temporary files and in its work folder. While a file `capture-events` exists, the
 * engine's events go to a file instead of to kvshift.
 */
async function writeWitness(folder: string, real: string): Promise<void> {
  const script = `#!/bin/sh
left=$#
while [ "$left" -gt 0 ]; do
  word=$1
  shift
  case "$word" in tcp://*) [ -e '${folder}/capture-events' ] && word='${folder}'/events-$$.json ;; esac
  set -- "$@" "$word"
  left=$((left - 1))
done
printf '%s\\n' "$*" >> '${folder}/argv'
'${real}' "$@"
code=$?
copy=$(mktemp -d '${folder}/files-XXXXXX')
cp -r "$TMPDIR" "$copy/tmp" 2>/dev/null
tr '\\0' '\\n' < /proc/$PPID/cmdline >> '${folder}/argv'
for process in /proc/[0-9]*; do tr '\\0' ' ' < "$process/cmdline" >> '${folder}/argv' 2>/dev/null; done
exit $code
`;
  const bin = join(folder, "cache", "pulumi", `v${BUILT_VERSION.version}`, "bin");
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, "pulumi"), script);
  await chmod(join(bin, "pulumi"), 0o755);
}

beforeAll(async () => {
  evidence = await mkdtemp(join(tmpdir(), "kvshift-evidence-"));
  const temporary = join(evidence, "temporary");
  // What Node.js compiled before need not be compiled again for this.
  await mkdir(join(evidence, "cache"));
  const compiled = "node-compile-cache";
  await symlink(join(cacheFolder(process.env), compiled), join(evidence, "cache", compiled));
  await mkdir(temporary);
  await writeWitness(evidence, join(cliRoot(cacheFolder(process.env), BUILT_VERSION.version), "bin", "pulumi"));
  stage = await createLocalStage({
    KVSHIFT_CACHE_DIR: join(evidence, "cache"),
    TMPDIR: temporary,
    PATH: pathWithoutPulumi(),
  });
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await rm(evidence, { recursive: true, force: true });
});

/** The witness stands in the cache: a CLI on PATH would be found before it. */
function pathWithoutPulumi(): string {
  return (process.env["PATH"] ?? "")
    .split(":")
    .filter((folder) => !folder.includes("pulumi"))
    .join(":");
}

async function run(...args: string[]): Promise<string> {
  const { stdout, stderr } = await stage.kvshift(...args);
  printed.push(`${args.join(" ")}\n${stdout}\n${stderr}`);
  return stdout;
}

async function textsUnder(folder: string): Promise<{ path: string; text: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (path) => ({ path, text: await readFile(path, "latin1") })));
}

describe("the secrets of a run", () => {
  it("appear in no log, event, error, argument, temporary file or state", async () => {
    await run("preview", "--stack", "prod");
    await run("up", "--stack", "prod", "--yes");
    await run("up", "--stack", "prod", "--yes", "--json");
    await run("env", "--stack", "prod");
    await run("outputs", "--stack", "prod", "--json");
    await run("refresh", "--stack", "prod");
    // An error of a vendor in the middle of a run: the token can no longer be read.
    await stage.edit("prod", ["203.0.113.10/32", "203.0.113.12/32"]);
    await run("up", "--stack", "prod", "--yes");
    const { stdout: shown } = await stage.kvshift("env", "--stack", "prod", "--show-secrets", "--json");
    const variables = z.object({ variables: z.record(z.string(), z.string()) }).parse(JSON.parse(shown)).variables;
    await run("destroy", "--stack", "prod", "--yes");
    await writeFile(join(evidence, "capture-events"), "");
    await run("up", "--stack", "dev", "--yes");
    await run("destroy", "--stack", "dev", "--yes");

    const environment = ["CLOUDFLARE_API_TOKEN", "RENDER_API_KEY", "PULUMI_CONFIG_PASSPHRASE"].map(
      (name) => stage.env[name] ?? "",
    );
    const minted = stage.cloud.cloudflare.requestLog.entries
      .map(
        ({ response }) => z.object({ result: z.object({ value: z.string() }) }).safeParse(response).data?.result.value,
      )
      .filter((value) => value !== undefined);
    const secrets = [...new Set([...environment, ...minted, variables["CLOUDFLARE_KV_API_TOKEN"] ?? ""])];
    expect(secrets.length).toBeGreaterThanOrEqual(5);
    expect(secrets.filter((secret) => secret.length < 20)).toEqual([]);

    const places = [
      ...printed.map((text, index) => ({ path: `printed ${String(index)}`, text })),
      ...(await textsUnder(evidence)),
      ...(await textsUnder(join(stage.folder, "state"))),
    ];
    const argv = places.find(({ path }) => path.endsWith("argv"))?.text ?? "";
    expect(argv).toContain("up --yes --skip-preview");
    expect(places.some(({ path }) => /files-.*\/Pulumi\.prod\.yaml$/.test(path))).toBe(true);
    expect(places.some(({ path }) => path.endsWith("prod.json"))).toBe(true);
    const events = places.filter(({ path }) => /\/events-\d+\.json$/.test(path));
    expect(events.some(({ text }) => text.includes("resOutputsEvent") && text.includes("AccountToken"))).toBe(true);
    const leaks = places.flatMap(({ path, text }) => secrets.filter((secret) => text.includes(secret)).map(() => path));
    expect(leaks).toEqual([]);
  });
});
