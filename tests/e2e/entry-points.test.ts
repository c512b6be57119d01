import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { describe, expect, it } from "vitest";

import { CHECKOUT, cleanEnvironment, runProcess } from "../support/kvshift.ts";
import { createLocalStage } from "../support/local-stage.ts";

/** The environment of a person's shell: the Node.js of the system comes first, not the one of the project. */
function shellEnvironment(): Record<string, string> {
  const env = cleanEnvironment();
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return { ...env, PATH: folders.join(delimiter) };
}

// Which plugins the engine finds is what these are about.
const STARTED = { plugins: "started" } as const;

describe("the kvshift command", () => {
  it("runs on whatever Node.js the system has: it is TypeScript and goes on on Node.js 24", async () => {
    const { code, stdout } = await runProcess("node", ["bin/kvshift.js", "--help"], {
      cwd: CHECKOUT,
      env: shellEnvironment(),
    });
    expect(code).toBe(0);
    for (const command of ["up", "preview", "refresh", "destroy", "outputs", "env", "local", "demo"]) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    }
  });

  it("hands on the exit code and the error of a command line that is not understood", async () => {
    const { code, stdout, stderr } = await runProcess("node", ["bin/kvshift.js", "pu", "--stack", "dev"], {
      cwd: CHECKOUT,
      env: shellEnvironment(),
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("unknown command 'pu'");
    expect(stderr).toContain("up");
  });
});

describe("npm scripts", () => {
  it("name what they know where a script is asked for that does not exist", async () => {
    const { code, stderr } = await runProcess("node", ["scripts/run.js", "dmeo"], {
      cwd: CHECKOUT,
      env: shellEnvironment(),
    });
    expect(code).toBe(2);
    expect(stderr).toContain("Known: demo, test, test-soak, test-python, bench, build-kv, check");
  });
});

describe("KVSHIFT_PROVIDERS", () => {
  /** A PULUMI_HOME whose plugins tell that they were started, and end. */
  async function createPulumiHome(): Promise<{ folder: string; started: () => Promise<string[]> }> {
    const folder = await mkdtemp(join(tmpdir(), "kvshift-pulumi-home-"));
    const marks = join(folder, "started");
    await mkdir(marks);
    for (const [name, version] of [
      ["cloudflare", "6.22.1"],
      ["terraform-provider", "1.1.3"],
      ["random", "4.21.2"],
    ] as const) {
      const plugin = join(folder, "plugins", `resource-${name}-v${version}`);
      await mkdir(plugin, { recursive: true });
      await writeFile(join(plugin, `pulumi-resource-${name}`), `#!/bin/sh\n: > '${marks}/${name}'\nexit 1\n`);
      await chmod(join(plugin, `pulumi-resource-${name}`), 0o755);
    }
    return { folder, started: () => readdir(marks) };
  }

  it("set to official never loads the local plugins and takes those of the given PULUMI_HOME", async () => {
    const home = await createPulumiHome();
    await using stage = await createLocalStage({ KVSHIFT_PROVIDERS: "official", PULUMI_HOME: home.folder }, STARTED);
    const { code, stderr } = await stage.kvshift("preview", "--stack", "dev");
    expect(code).toBe(4);
    expect(stderr).toContain("✗");
    expect(await home.started()).not.toEqual([]);
    // Only a provider asks for these: the calls of kvshift itself are others.
    const asked = stage.cloud.cloudflare.requestLog.entries.filter(({ path }) => path.includes("permission_groups"));
    expect(asked).toEqual([]);
    await rm(home.folder, { recursive: true });
  });

  it("set to auto takes the official plugins where they are installed", async () => {
    const home = await createPulumiHome();
    await using stage = await createLocalStage({ PULUMI_HOME: home.folder }, STARTED);
    await stage.kvshift("preview", "--stack", "dev");
    expect(await home.started()).not.toEqual([]);
    await rm(home.folder, { recursive: true });
  });

  it("set to auto takes the local plugins on the local cloud where no others are installed", async () => {
    const empty = await mkdtemp(join(tmpdir(), "kvshift-pulumi-home-"));
    await using stage = await createLocalStage({ PULUMI_HOME: empty }, STARTED);
    const { changed } = await stage.kvshiftJson("preview", "--stack", "dev");
    expect(changed).toBe(true);
    await rm(empty, { recursive: true });
  });
});
