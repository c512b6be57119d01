import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { startRedis } from "../../../../local-cloud/redis/start-redis.ts";
import { tempDir } from "../../../support/temp-dir.ts";

const TAKEN = "Could not create server TCP listening socket 127.0.0.1:1: bind: Address already in use";

/** Starts a redis-server that is this script, which finds in `$STARTS` how often it was started. */
async function startScript(script: string) {
  const folder = await tempDir();
  const starts = join(folder, "starts");
  const path = join(folder, "bin");
  await mkdir(path);
  const version = 'if [ "$1" = --version ]; then echo "Redis server v=7.0.0 sha=0"; exit; fi';
  await writeFile(join(path, "redis-server"), `#!/bin/sh\n${version}\necho x >> ${starts}\n${script}\n`);
  await chmod(join(path, "redis-server"), 0o755);
  const env = { PATH: `${path}:/usr/bin:/bin`, STARTS: starts };
  const started = startRedis({ env, cache: join(folder, "cache"), emit: () => undefined });
  const count = async () => (await readFile(starts, "utf8")).split("\n").length - 1;
  return { started, count };
}

describe("startRedis", () => {
  it("takes another port where somebody else was faster", async () => {
    const ready = "echo '* Ready to accept connections'; exec sleep 1000";
    const { started, count } = await startScript(
      `[ $(wc -l < $STARTS) -gt 1 ] || { echo '${TAKEN}'; exit 1; }; ${ready}`,
    );
    await using server = await started;
    expect([server.version, await count()]).toEqual(["7.0.0", 2]);
  });

  it("gives up after three ports", async () => {
    const { started, count } = await startScript(`echo '${TAKEN}'; exit 1`);
    await expect(started).rejects.toMatchObject({ code: "LOCAL_CLOUD_FAILED", details: [TAKEN] });
    expect(await count()).toBe(3);
  });

  it("says what the server wrote where it does not start", async () => {
    const { started, count } = await startScript("echo 'Bad directive' >&2; exit 1");
    await expect(started).rejects.toMatchObject({
      code: "LOCAL_CLOUD_FAILED",
      problem: "The local redis-server did not start.",
      details: ["Bad directive"],
    });
    expect(await count()).toBe(1);
  });
});
