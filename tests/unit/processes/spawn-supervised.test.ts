import { realpathSync } from "node:fs";

import { describe, expect, it, onTestFinished } from "vitest";

import { spawnSupervised, type Supervised, type SupervisedOptions } from "../../../src/processes/spawn-supervised.ts";
import { allGone, eventually, isGone, startAndRead } from "../../support/processes.ts";
import { tempDir } from "../../support/temp-dir.ts";

const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };
const SPAWN_SUPERVISED = new URL("../../../src/processes/spawn-supervised.ts", import.meta.url).href;

/** Prints its own id and that of a process that it leaves in the background, then goes on with `then`. */
const family = (then: string) => `sleep 1000 & echo $$ $!; ${then}`;
const WAIT = "wait; wait; wait";
const STUBBORN = "trap '' TERM HUP INT";

interface Run extends Supervised {
  readonly lines: string[];
  /** What the script printed in its first line, as numbers. */
  pids(): Promise<number[]>;
}

function supervise(script: string, options: Partial<SupervisedOptions> = {}): Run {
  const lines: string[] = [];
  const supervised = spawnSupervised("/bin/sh", ["-c", script], {
    env,
    onOutput: (line, stream) => lines.push(stream === "stdout" ? line : `stderr: ${line}`),
    ...options,
  });
  onTestFinished(() => supervised.stop(0));
  const pids = async () => {
    await eventually("the script says who it is", () => lines.length > 0);
    return (lines[0] ?? "").split(" ").map(Number);
  };
  return { ...supervised, lines, pids };
}

describe("spawnSupervised", () => {
  it("hands on the exit code and each line with its stream, the last one without a line break too", async () => {
    const { exited, lines } = supervise("echo one; echo two >&2; printf three; exit 7");
    expect(await exited).toEqual({ code: 7, signal: null });
    expect(lines.toSorted()).toEqual(["one", "stderr: two", "three"]);
  });

  it("gives the child the environment and the folder that it was told, and nothing of its own", async () => {
    const cwd = realpathSync(await tempDir());
    const { exited, lines } = supervise('echo "$ONLY"; echo "${HOME-none}"; pwd', { env: { ONLY: "this" }, cwd });
    await exited;
    expect(lines).toEqual(["this", "none", cwd]);
  });

  it("passes arguments on as they are", async () => {
    const lines: string[] = [];
    const args = ["-c", 'printf "%s\\n" "$@"', "sh", "a b", "*", "$HOME", "--", ""];
    await spawnSupervised("/bin/sh", args, { env, onOutput: (line) => lines.push(line) }).exited;
    expect(lines).toEqual(["a b", "*", "$HOME", "--", ""]);
  });

  it("ends with 127 where there is no such command, and says so", async () => {
    const lines: string[] = [];
    const { exited } = spawnSupervised("no-such-command", [], { env, onOutput: (line) => lines.push(line) });
    expect(await exited).toEqual({ code: 127, signal: null });
    expect(lines).toEqual(["no-such-command: spawn no-such-command ENOENT"]);
  });

  it("ends with 127 where the folder does not exist", async () => {
    const { exited } = spawnSupervised("/bin/sh", ["-c", "exit 0"], { env, cwd: "/no/such/folder" });
    expect(await exited).toEqual({ code: 127, signal: null });
  });

  it("lets a child end by itself when it is stopped", async () => {
    const run = supervise(`trap 'echo bye; exit 0' TERM; ${family(WAIT)}`);
    await run.pids();
    await run.stop(60_000);
    expect(await run.exited).toEqual({ code: 0, signal: null });
    expect(run.lines.at(-1)).toBe("bye");
  });

  it("names the signal that ended the child as a shell does", async () => {
    const run = supervise(family(WAIT));
    await run.pids();
    await run.stop(60_000);
    expect(await run.exited).toEqual({ code: 143, signal: null });
  });

  it("kills a child that does not end in time, and what it started", async () => {
    const run = supervise(`${STUBBORN}; ${family(WAIT)}`);
    const pids = await run.pids();
    await run.stop(50);
    expect(await run.exited).toEqual({ code: 137, signal: null });
    await allGone(pids);
  });

  it("ends what a child left in the background when it ended by itself", async () => {
    const run = supervise(family("exit 0"));
    const pids = await run.pids();
    expect(await run.exited).toEqual({ code: 0, signal: null });
    await allGone(pids);
  });

  it("can be stopped at any time: before the child runs, twice, and after its end", async () => {
    const run = supervise(family(WAIT));
    await Promise.all([run.stop(50), run.stop(50)]);
    await run.stop(50);
    const pids = run.lines.flatMap((line) => line.split(" ").map(Number));
    await expect(allGone([run.pid, ...pids])).resolves.toBeUndefined();
  });

  it.each([
    ["", ""],
    [", nor what ignores every gentler signal", `${STUBBORN}; `],
  ])("leaves nothing when the process that supervises is killed%s", async (_which, prelude) => {
    const program = `
      import { spawnSupervised } from ${JSON.stringify(SPAWN_SUPERVISED)};
      const onOutput = (line) => console.log(line + " " + supervised.pid);
      const args = ["-c", ${JSON.stringify(prelude + family(WAIT))}];
      const supervised = spawnSupervised("/bin/sh", args, { env: { PATH: process.env.PATH }, onOutput });`;
    const { child, lines } = await startAndRead(process.execPath, ["--input-type=module", "-e", program], 1);
    const pids = (lines[0] ?? "").split(" ").map(Number);
    expect(pids.map(isGone)).toEqual([false, false, false]);
    child.kill("SIGKILL");
    await allGone(pids);
  });
});
