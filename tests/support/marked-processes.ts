import { readdir, readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

/** Processes whose environment holds `marker`, by id and command line: everything that a run started, however deep. */
export async function markedProcesses(marker: string): Promise<{ pid: number; command: string }[]> {
  const names = await readdir("/proc");
  const found = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .map(async (name) => {
        // A process may end while it is looked at.
        const environ = await readFile(`/proc/${name}/environ`, "utf8").catch(() => "");
        if (!environ.includes(marker)) return undefined;
        const command = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
        return command === "" ? undefined : { pid: Number(name), command: command.replaceAll("\0", " ").trim() };
      }),
  );
  return found.filter((entry) => entry !== undefined);
}

/** What of a run is still there when `withinMs` are over; returns as soon as nothing is. */
export async function survivors(marker: string, withinMs: number): Promise<string[]> {
  const until = Date.now() + withinMs;
  for (;;) {
    const running = await markedProcesses(marker);
    if (running.length === 0 || Date.now() > until)
      return running.map(({ pid, command }) => `${String(pid)} ${command}`);
    await pause(50);
  }
}
