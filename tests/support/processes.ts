import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

import { onTestFinished } from "vitest";

const POLL_MS = 20;

/** Waits until `holds`, and fails with `what` after `withinMs`. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 5_000,
): Promise<void> {
  const until = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`not within ${String(withinMs)} ms: ${what}`);
    await pause(POLL_MS);
  }
}

/** Whether a process has ended, waited for or not. Asks `ps`, not the code under test. */
export function isGone(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() === "" || stdout.trim().startsWith("Z");
}

/** Fails where one of the processes still runs after `withinMs`, and ends it: a failed test leaves nothing either. */
export async function allGone(pids: readonly number[], withinMs = 5_000): Promise<void> {
  onTestFinished(() => {
    for (const pid of pids.filter((id) => !isGone(id))) process.kill(pid, "SIGKILL");
  });
  await eventually(`the processes ${pids.join(", ")} are gone`, () => pids.every(isGone), withinMs);
}

/** The id of a process that has ended. */
export function deadPid(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

/** Ends a process when the test has finished, however it went. */
export function killWhenFinished(child: ChildProcess): void {
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
}

/** A process that does nothing until it is killed, at the latest when the test has finished. */
export async function idleProcess(): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1e6); console.log('up')"]);
  killWhenFinished(child);
  await once(child.stdout, "data");
  if (child.pid === undefined) throw new Error("the process did not start");
  return Object.assign(child, { pid: child.pid });
}

/** Starts a command that the test's end ends, and waits for the first `count` lines of its output. */
export async function startAndRead(
  command: string,
  args: readonly string[],
  count: number,
): Promise<{ readonly child: ChildProcess; readonly lines: readonly string[] }> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  killWhenFinished(child);
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === count) break;
  }
  return { child, lines };
}
