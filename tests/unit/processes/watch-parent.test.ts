import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { allGone, isGone, startAndRead } from "../../support/processes.ts";

const WATCH_PARENT = fileURLToPath(new URL("../../../src/processes/watch-parent.ts", import.meta.url));
const watching = (program: string) => ["--import", WATCH_PARENT, "-e", program];

describe("watch-parent", () => {
  it("ends a process whose parent is killed", async () => {
    const plugin = watching("setInterval(() => undefined, 1e6); console.log(process.pid)");
    // Like the Pulumi CLI: it starts a plugin and knows nothing of pipes to watch.
    const parent = `
      const { spawn } = require("node:child_process");
      spawn(process.execPath, ${JSON.stringify(plugin)}, { stdio: "inherit" });`;
    const { child, lines } = await startAndRead(process.execPath, ["-e", parent], 1);
    const pid = Number(lines[0]);
    expect(isGone(pid)).toBe(false);
    child.kill("SIGKILL");
    await allGone([pid]);
  });

  it("leaves a process alone whose parent lives, and does not keep it running", () => {
    const options = { encoding: "utf8", timeout: 5_000 } as const;
    const { status, stdout } = spawnSync(process.execPath, watching("console.log('done')"), options);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "done\n" });
  });
});
