import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { runCli } from "../../../../src/engine/pulumi-cli/run-cli.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { writeExecutable } from "./fake-executable.ts";

async function cliThat(...lines: readonly string[]) {
  const cwd = await tempDir();
  const executable = join(cwd, "pulumi");
  await writeExecutable(executable, ...lines);
  return (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runCli(executable, args, { cwd, env });
}

describe("runCli", () => {
  it("runs the command where nobody can be asked, and returns what it prints", async () => {
    const run = await cliThat('printf "%s|" "$@"', "echo $PULUMI_HOME; echo noise >&2");
    expect(await run(["stack", "export"], { PULUMI_HOME: "/private" })).toBe(
      "stack|export|--non-interactive|/private\n",
    );
  });

  it("returns a whole state, however long", async () => {
    const run = await cliThat("i=0; while [ $i -lt 2000 ]; do printf '%01000d' 0; i=$((i+1)); done");
    expect(await run(["stack", "export"])).toHaveLength(2_000_000);
  });

  it("fails with what the command said", async () => {
    const run = await cliThat("echo 'error: no stack named dev found' >&2; exit 255");
    await expect(run(["stack", "export"])).rejects.toThrow("error: no stack named dev found");
  });
});
