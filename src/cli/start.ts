import { tmpdir } from "node:os";
import { resolve } from "node:path";

import { AppError } from "../core/app-error.ts";
import { clockStartingAt, systemClock } from "../core/clock.ts";
import { installedVersion } from "../engine/project.ts";
import { Interrupts } from "../processes/interrupts.ts";
import { endWithStarter } from "../processes/lifeline.ts";
import { useProxies } from "../processes/proxy.ts";
import { requireTemporaryFolder } from "../processes/temporary-folder.ts";
import { COMMANDS } from "./commands.ts";
import { Output } from "./output.ts";
import { confirmOnTerminal, terminalPrompts } from "./prompts.ts";
import { runCommandLine } from "./runner.ts";

endWithStarter(process.env);

// Whoever reads may go (`| head`, a closed terminal). The work goes on to its end: it may be half a rotation. Without a
// listener the engine's library, which reports every uncaught error on stderr, would report that one without end.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const interrupts = new Interrupts(() => process.exit(130));
process.on("SIGINT", () => {
  interrupts.strike();
});
for (const signal of ["SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    interrupts.end();
  });

/** Tests set the time at which the clock starts, so that none depends on today's date. */
function clockFromEnvironment() {
  const start = process.env["KVSHIFT_NOW"];
  if (start === undefined) return systemClock;
  const ms = Date.parse(start);
  if (Number.isNaN(ms))
    throw new AppError("USAGE", { problem: "KVSHIFT_NOW is not a date.", fix: "Use 2026-11-23T00:00:00Z." });
  return clockStartingAt(ms);
}

const exitCode = await runCommandLine(process.argv.slice(2), {
  version: installedVersion(),
  commands: COMMANDS,
  writeOut: (text) => process.stdout.write(text),
  writeErr: (text) => process.stderr.write(text),
  makeContext: ({ json, cwd }) => {
    useProxies(process.env);
    requireTemporaryFolder(tmpdir());
    const output = new Output(process, { json, env: process.env });
    const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
    return {
      cwd: resolve(cwd ?? process.cwd()),
      env: process.env,
      clock: clockFromEnvironment(),
      output,
      emit: output.emit,
      signal: interrupts.signal,
      confirm: (question, typed) => confirmOnTerminal(question, isTerminal, typed),
      prompts: terminalPrompts(isTerminal),
    };
  },
});
// The engine's libraries keep handles open; output has been written synchronously or is flushed by exit code alone.
process.stdout.write("", () => process.exit(exitCode));
