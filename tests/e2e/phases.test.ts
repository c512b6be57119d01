import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { CHECKOUT, runProcess } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { environmentGroup } from "../support/vendor-view.ts";

const REST_TOKEN = "x".repeat(40);

let stage: LocalStage;

beforeAll(async () => {
  stage = await createLocalStage();
  await stage.edit("dev", [
    "kvshift:phase: kv",
    'kvshift:phase: redis\n  kvshift:upstash: { restUrl: "https://example.upstash.io", restToken: { secure: pending } }',
  ]);
  await encryptRestToken();
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

/** Encrypts the token as README.md says, the value on standard input. */
async function encryptRestToken(): Promise<void> {
  const args = ["src/cli/main.ts", "secret", "set", "--stack", "dev", "--cwd", stage.project];
  const { code, stdout, stderr } = await runProcess(
    "sh",
    ["-c", 'printf "%s\\n" "$TOKEN" | exec "$0" "$@"', process.execPath, ...args],
    { cwd: CHECKOUT, env: { ...stage.env, TOKEN: REST_TOKEN } },
  );
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout + stderr).not.toContain(REST_TOKEN);
}

async function variables(): Promise<Record<string, string>> {
  const { envVars } = await environmentGroup(stage.cloud, "dev");
  return Object.fromEntries(envVars.map(({ key, value }) => [key, value]));
}

describe("the phases of a migration", () => {
  it("hands out both stores while Redis serves, with the token decrypted only on its way to Render", async () => {
    const { outputs } = await stage.kvshiftJson("up", "--stack", "dev", "--yes");
    expect(await variables()).toMatchObject({
      CLOUDFLARE_KV_PHASE: "redis",
      CLOUDFLARE_KV_READ_SHARE: "0",
      UPSTASH_REDIS_REST_URL: "https://example.upstash.io",
      UPSTASH_REDIS_REST_TOKEN: REST_TOKEN,
    });
    expect(JSON.stringify(outputs)).not.toContain(REST_TOKEN);
  });

  it("refuses to leave out the time in which both are written, in `preview` too", async () => {
    await stage.edit("dev", ["kvshift:phase: redis", "kvshift:phase: kv"]);
    for (const command of ["preview", "up"]) {
      const { code, stderr } = await stage.kvshift(command, "--stack", "dev", ...(command === "up" ? ["--yes"] : []));
      expect({ code, named: stderr.includes("PHASE_CHANGE_REFUSED") }).toEqual({ code: 3, named: true });
    }
    await stage.edit("dev", ["kvshift:phase: kv", "kvshift:phase: redis"]);
  });

  it("hands out the share of reads while both are written", async () => {
    await stage.edit("dev", ["kvshift:phase: redis", "kvshift:phase: dual\n  kvshift:readShare: 25"]);
    await stage.kvshiftJson("up", "--stack", "dev", "--yes");
    expect(await variables()).toMatchObject({ CLOUDFLARE_KV_PHASE: "dual", CLOUDFLARE_KV_READ_SHARE: "25" });
  });

  it("takes Redis away when KV serves, although the file still knows it", async () => {
    await stage.edit("dev", ["kvshift:phase: dual\n  kvshift:readShare: 25", "kvshift:phase: kv"]);
    await stage.kvshiftJson("up", "--stack", "dev", "--yes");
    const names = Object.keys(await variables());
    expect(names.filter((name) => name.startsWith("UPSTASH"))).toEqual([]);
  });

  it("refuses a checkout that would go back", async () => {
    await stage.edit("dev", ["kvshift:phase: kv", "kvshift:phase: redis"]);
    const finished = await stage.kvshift("up", "--stack", "dev", "--yes");
    expect(finished.code).toBe(3);
    expect(finished.stderr).toContain("PHASE_CHANGE_REFUSED");
    expect(finished.stderr).toContain("since `phase: kv` nothing was written to Redis");
  });
});
