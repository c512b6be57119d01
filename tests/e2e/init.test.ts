import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parseEnvironmentFile } from "../../src/config/file.ts";
import { ensureCli } from "../../src/engine/pulumi-cli/ensure.ts";
import { CHECKOUT, jsonOf, runKvshift, runProcess, TEST_NOW } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { environmentGroup } from "../support/vendor-view.ts";

/** Ids of Pulumi.dev.yaml, which the local cloud has. */
const ACCOUNT = "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1";
const SERVICE = "srv-d0000000000000000001";
const TOKEN = "x".repeat(40);

const flagsFor = (stack: string): string[] =>
  [
    `init --stack ${stack} --kind development --app brainbot --access rest --account ${ACCOUNT} --service ${SERVICE}`,
    "--namespace sessions:eventual:86400 --namespace cache:eventual --expires-in 90",
  ].flatMap((part) => part.split(" "));

let stage: LocalStage;

beforeAll(async () => {
  stage = await createLocalStage();
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

const files = async () => (await readdir(stage.project)).toSorted();

describe("kvshift init", () => {
  it("prints the file with --dry-run, and writes nothing", async () => {
    const before = await files();
    const { code, stdout, stderr } = await stage.kvshift(...flagsFor("staging"), "--dry-run");
    expect(code).toBe(0);
    expect(stderr).toContain("Nothing was written");
    const context = { environment: "staging", now: Date.parse(TEST_NOW), file: "Pulumi.staging.yaml" };
    expect(parseEnvironmentFile(stdout, context).config).toMatchObject({ kind: "development", app: "brainbot" });
    expect(await files()).toEqual(before);
  });

  it("writes a file with which `up` provisions the environment, and says what to run next", async () => {
    const { code, stdout } = await stage.kvshift(...flagsFor("staging"));
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        "Pulumi.staging.yaml is written. Next:",
        "  npx kvshift doctor --stack staging",
        "  npx kvshift preview --stack staging",
        "",
      ].join("\n"),
    });
    expect((await stage.kvshift("doctor", "--stack", "staging")).code).toBe(0);
    await stage.kvshiftJson("up", "--stack", "staging", "--yes");
    const { envVars } = await environmentGroup(stage.cloud, "staging");
    expect(envVars.map(({ key }) => key)).toEqual(
      expect.arrayContaining(["CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS", "CLOUDFLARE_KV_NAMESPACE_ID_CACHE"]),
    );
    expect(await stage.kvshiftJson("up", "--stack", "staging", "--yes")).toMatchObject({ changed: false });
  });

  it("refuses to write the file again, and leaves it as it is", async () => {
    const path = join(stage.project, "Pulumi.dev.yaml");
    const before = await readFile(path, "utf8");
    const finished = await stage.kvshift(...flagsFor("dev"), "--json");
    expect(finished.code).toBe(3);
    expect(jsonOf(finished)).toMatchObject({ ok: false, error: { code: "ENVIRONMENT_EXISTS" } });
    expect(await readFile(path, "utf8")).toBe(before);
  });

  it("names what is missing with the flag to pass, where nobody can answer", async () => {
    const before = await files();
    const { code, stdout, stderr } = await stage.kvshift("init", "--stack", "test");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("- --access gateway (");
    expect(stderr).toContain(`- --account ${ACCOUNT} (dev account)`);
    expect(stderr).toContain(`- --service ${SERVICE} (brainbot-dev, web_service)`);
    expect(await files()).toEqual(before);
  });

  it("makes a project of an empty folder, in which the commands that it prints lead to a provisioned environment", async () => {
    const folder = join(stage.folder, "empty");
    await mkdir(folder);
    const { command } = await ensureCli({
      env: process.env,
      buildSource: join(CHECKOUT, "tools", "pulumi"),
      emit: () => undefined,
    });
    // The state is where the new project says.
    const { PULUMI_BACKEND_URL: _backend, ...rest } = stage.env;
    const env = { ...rest, PATH: `${dirname(command)}:${rest["PATH"] ?? ""}` };
    const options = { cwd: folder, env };
    const upstash = ["--phase", "dual", "--upstash-url", "https://example.upstash.io"];
    const finished = await runKvshift([...flagsFor("migrating"), ...upstash, "--json"], options);
    expect({ code: finished.code, stderr: finished.code === 0 ? "" : finished.stderr }).toEqual({
      code: 0,
      stderr: "",
    });
    const { next } = jsonOf(finished) as { next: string[] };
    expect(next[0]).toBe("npx kvshift secret set --stack migrating");
    for (const line of [...next, "npx kvshift up --stack migrating --yes"]) {
      const args = line.replace(/^npx kvshift /, "");
      const { code, stdout, stderr } = await runProcess(
        "sh",
        ["-c", `printf %s "$TOKEN" | "$0" "$1" ${args}`, process.execPath, join(CHECKOUT, "src", "cli", "main.ts")],
        { cwd: folder, env: { ...env, TOKEN } },
      );
      expect({ line, code, stderr: code === 0 ? "" : stderr }).toEqual({ line, code: 0, stderr: "" });
      expect(stdout + stderr).not.toContain(TOKEN);
    }
    const { envVars } = await environmentGroup(stage.cloud, "migrating");
    const variables = Object.fromEntries(envVars.map(({ key, value }) => [key, value]));
    expect(variables).toMatchObject({ CLOUDFLARE_KV_PHASE: "dual", UPSTASH_REDIS_REST_TOKEN: TOKEN });
    expect((await readdir(folder)).toSorted()).toEqual(["Pulumi.migrating.yaml", "Pulumi.yaml", "state"]);
  });
});
