import { access, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import type { ProgressEvent } from "../../../../src/core/events.ts";
import { buildCli } from "../../../../src/engine/pulumi-cli/build.ts";
import { identityOf, thisMachine } from "../../../../src/processes/machine.ts";
import { idleProcess } from "../../../support/processes.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { goThatBuilds, writeExecutable } from "./fake-executable.ts";

async function stage(...go: readonly string[]) {
  const folder = await tempDir();
  const paths = { source: join(folder, "source"), root: join(folder, "root"), tools: join(folder, "tools") };
  await writeExecutable(join(paths.source, "placeholder"));
  if (go.length > 0) await writeExecutable(join(paths.tools, "go"), ...go);
  const events: ProgressEvent[] = [];
  const build = (emit = (event: ProgressEvent) => void events.push(event), signal?: AbortSignal) =>
    buildCli({
      ...(signal === undefined ? {} : { signal }),
      source: paths.source,
      root: paths.root,
      env: { PATH: paths.tools, UNSET: undefined },
      emit,
    });
  return { ...paths, folder, events, build, cli: join(paths.root, "bin", "pulumi") };
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .toSorted();
}

describe("buildCli", () => {
  it("builds the pinned package in its folder, without C, stamped with its version", async () => {
    const record = join(await tempDir(), "record");
    const { build, source, root, cli, events } = await stage(...goThatBuilds("v3.259.0", record));
    await build();
    const lines = (await readFile(record, "utf8")).trimEnd().split("\n");
    expect(lines.filter((line) => !line.startsWith(root))).toEqual([
      source,
      "CGO_ENABLED=0",
      "build",
      "-trimpath",
      "-tags",
      "osusergo,grpcnotrace",
      "-ldflags",
      "-w -s -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0",
      "-o",
      "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ]);
    await expect(access(cli)).resolves.toBeUndefined();
    expect(await filesBelow(root)).toEqual(["pulumi"]);
    expect(events.map(({ type }) => type)).toEqual(["step-started", "step-finished"]);
  });

  it("shows the last lines of a build that fails, and leaves nothing that looks like a CLI", async () => {
    const { build, root } = await stage(
      'for line in 1 2 3 4 5 6 7 8 9 10 11; do echo "line $line" >&2; done',
      'while [ "$1" != -o ]; do shift; done',
      'echo half > "$2"',
      "exit 1",
    );
    await expect(build()).rejects.toMatchObject({
      code: "CLI_UNAVAILABLE",
      problem: "Building the Pulumi CLI failed.",
      details: Array.from({ length: 10 }, (_, index) => `line ${String(index + 2)}`),
      retryable: true,
    });
    expect(await filesBelow(root)).toEqual([]);
  });

  it("says that Go is not installed", async () => {
    const { build, root } = await stage();
    await expect(build()).rejects.toMatchObject({
      code: "CLI_UNAVAILABLE",
      problem: "Go is not installed, so the Pulumi CLI cannot be built.",
      fix: expect.stringContaining("https://www.pulumi.com/docs/install/"),
      retryable: false,
    });
    expect(await filesBelow(root)).toEqual([]);
  });

  it("removes what builds left that were killed", async () => {
    const { build, root } = await stage(...goThatBuilds("v3.259.0", "/dev/null"));
    await writeExecutable(join(root, "bin", "pulumi.unfinished-4711"), "half");
    await build();
    expect(await filesBelow(root)).toEqual(["pulumi"]);
  });

  it("builds nothing where a CLI is there by now", async () => {
    const { build, cli, root, events } = await stage("exit 1");
    await writeExecutable(cli, "exit 0");
    await build();
    expect(events).toEqual([]);
    expect(await filesBelow(root)).toEqual(["pulumi"]);
  });

  it("ends with an interrupt, and the compiler with it", async () => {
    const { build, root } = await stage("echo started >&2; exec /bin/sleep 600");
    const interrupt = new AbortController();
    const building = build((event) => {
      if (event.type === "step-started") interrupt.abort();
    }, interrupt.signal);
    await expect(building).rejects.toMatchObject({ code: "CLOSED_BY_SIGNAL" });
    expect(await filesBelow(root)).toEqual([]);
  });

  it("waits for a build that another process is at, and takes over when that process is gone", async () => {
    const { build, root, cli } = await stage(...goThatBuilds("v3.259.0", "/dev/null"));
    const other = await idleProcess();
    await writeExecutable(join(root, "placeholder"));
    await mkdir(join(root, "build.locks"));
    await writeFile(join(root, "build.locks", "of-another"), JSON.stringify(identityOf(thisMachine(), other.pid)));
    const notes: string[] = [];
    await build((event) => {
      if (event.type !== "step-progress") return;
      notes.push(event.note);
      other.kill("SIGKILL");
    });
    expect(notes[0]).toBe(`waiting for the build of process ${String(other.pid)}`);
    await expect(access(cli)).resolves.toBeUndefined();
    expect(await filesBelow(root)).toEqual(["placeholder", "pulumi"]);
  });
});
