import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { allGone, isGone, killWhenFinished, startAndRead } from "../../support/processes.ts";
import { tempDir } from "../../support/temp-dir.ts";

const LIFELINE = new URL("../../../src/processes/lifeline.ts", import.meta.url).href;
const NODE_24 = new URL("../../../scripts/node-24.js", import.meta.url).href;

const watching = (then: string) => `
  import { endWithStarter } from ${JSON.stringify(LIFELINE)};
  endWithStarter(process.env);
  ${then}`;

/** Runs a module that watches `descriptor`, with a pipe there that this process keeps open. */
async function runWatching(then: string, descriptor: string | undefined) {
  const child = spawn(process.execPath, ["--input-type=module", "-e", watching(then)], {
    stdio: ["ignore", "pipe", "inherit", "pipe"],
    env: descriptor === undefined ? {} : { KVSHIFT_LIFELINE_FD: descriptor },
  });
  killWhenFinished(child);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { code, signal, output };
}

describe("endWithStarter", () => {
  it("ends the process when the one that started it is killed", async () => {
    const target = join(await tempDir(), "target.ts");
    await writeFile(target, watching("setInterval(() => undefined, 1e6); console.log(process.pid);"));
    const starter = `
      import { pathToFileURL } from "node:url";
      import { runOnNode24 } from ${JSON.stringify(NODE_24)};
      await runOnNode24(pathToFileURL(${JSON.stringify(target)}), [], { alwaysChild: true });`;
    const { child, lines } = await startAndRead(process.execPath, ["--input-type=module", "-e", starter], 1);
    const pid = Number(lines[0]);
    expect(isGone(pid)).toBe(false);
    child.kill("SIGKILL");
    await allGone([pid]);
  });

  it("does not keep a process running that has nothing left to do", async () => {
    expect(await runWatching("console.log('done')", "3")).toEqual({ code: 0, signal: null, output: "done\n" });
  });

  it("is not handed on to what the process starts itself", async () => {
    const { output } = await runWatching("console.log(process.env.KVSHIFT_LIFELINE_FD ?? 'not set')", "3");
    expect(output).toBe("not set\n");
  });

  it.each([undefined, "", "0", "2", "-1", "3.5", "three"])("does nothing where the descriptor is %s", async (value) => {
    const result = await runWatching("console.log('done')", value);
    expect(result).toEqual({ code: 0, signal: null, output: "done\n" });
  });
});
