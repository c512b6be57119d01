import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { jsonOf } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";

let stage: LocalStage;

beforeAll(async () => {
  stage = await createLocalStage();
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

function vendorCalls(): number {
  return stage.cloud.cloudflare.requestLog.drain().length + stage.cloud.render.requestLog.drain().length;
}

/** Exit code, error code and how often a vendor was called: what "nothing changed" means. */
async function outcome(...args: string[]) {
  vendorCalls();
  const finished = await stage.kvshift(...args, "--json");
  const { ok, error } = jsonOf(finished) as { ok: boolean; error: { code: string; fix: string; details: string[] } };
  return { exit: finished.code, ok, code: error.code, hasFix: error.fix.length > 0, calls: vendorCalls(), error };
}

describe("bad input", () => {
  it("reports every problem of a configuration at once, with exit code 2, and calls no vendor", async () => {
    await stage.edit(
      "dev",
      ["kind: development", "kind: developer"],
      ["defaultTtlSeconds: 3600", "defaultTtlSeconds: 30"],
    );
    const { error, ...rest } = await outcome("up", "--stack", "dev", "--yes");
    expect(rest).toEqual({ exit: 2, ok: false, code: "CONFIG_INVALID", hasFix: true, calls: 0 });
    expect(error.details.filter((line) => line.startsWith("kvshift:"))).toHaveLength(2);
    await stage.edit(
      "dev",
      ["kind: developer", "kind: development"],
      ["defaultTtlSeconds: 30\n", "defaultTtlSeconds: 3600\n"],
    );
  });

  it("names the environments that exist where one is asked for that does not", async () => {
    const { error, ...rest } = await outcome("up", "--stack", "staging", "--yes");
    expect(rest).toEqual({ exit: 2, ok: false, code: "CONFIG_NOT_FOUND", hasFix: true, calls: 0 });
    expect(error.details).toEqual(["environments here: dev, prod"]);
  });

  it("refuses a stack name that is a path", async () => {
    const { exit, calls } = await outcome("up", "--stack", "../dev", "--yes");
    expect({ exit, calls }).toEqual({ exit: 2, calls: 0 });
  });

  it("asks for a confirmation and refuses where nobody can answer", async () => {
    const { exit, code } = await outcome("up", "--stack", "dev");
    expect({ exit, code }).toEqual({ exit: 3, code: "NOT_CONFIRMED" });
  });

  it("says that an environment is not provisioned", async () => {
    const { exit, code } = await outcome("outputs", "--stack", "prod");
    expect({ exit, code }).toEqual({ exit: 2, code: "STACK_NOT_FOUND" });
  });

  it.each([
    ["CLOUDFLARE_API_TOKEN", "VENDOR_ENVIRONMENT_MISSING"],
    ["RENDER_API_KEY", "VENDOR_ENVIRONMENT_MISSING"],
    ["PULUMI_CONFIG_PASSPHRASE", "PASSPHRASE_MISSING"],
  ])("names %s where it is not set", async (name, expected) => {
    await using other = await createLocalStage();
    const env = Object.fromEntries(Object.entries(other.env).filter(([key]) => key !== name));
    const { runKvshift } = await import("../support/kvshift.ts");
    const finished = await runKvshift(["up", "--stack", "dev", "--yes", "--json"], { cwd: other.project, env });
    expect(finished.code).toBe(2);
    expect((jsonOf(finished)["error"] as { code: string }).code).toBe(expected);
    expect(finished.stderr).toContain(name);
  });

  it("refuses a workspace that differs from the file's", async () => {
    await using other = await createLocalStage({ RENDER_OWNER_ID: "tea-x0000000000000000009" });
    const finished = await other.kvshift("up", "--stack", "dev", "--yes");
    expect(finished.code).toBe(2);
    expect(finished.stderr).toContain("WORKSPACE_DIFFERS");
  });

  it("refuses the local plugins for anything but the local cloud", async () => {
    await using other = await createLocalStage({
      KVSHIFT_PROVIDERS: "local",
      RENDER_HOST: "https://api.render.com/v1",
    });
    const finished = await other.kvshift("up", "--stack", "dev", "--yes");
    expect(finished.code).toBe(2);
    expect(finished.stderr).toContain("PROVIDERS_INVALID");
  });

  it("explains a vendor's refusal and passes on no request", async () => {
    await using other = await createLocalStage({ CLOUDFLARE_API_TOKEN: "x".repeat(40) });
    const finished = await other.kvshift("up", "--stack", "dev", "--yes");
    expect(finished.code).toBe(4);
    expect(finished.stderr).toMatch(/Authentication|Invalid|authori[sz]/i);
    expect(finished.stderr).not.toContain("x".repeat(40));
  });

  it("explains a wrong passphrase", async () => {
    await stage.kvshiftJson("up", "--stack", "dev", "--yes");
    const { runKvshift } = await import("../support/kvshift.ts");
    const env = { ...stage.env, PULUMI_CONFIG_PASSPHRASE: "another" };
    const finished = await runKvshift(["outputs", "--stack", "dev"], { cwd: stage.project, env });
    expect({ code: finished.code, named: finished.stderr.includes("PASSPHRASE_WRONG") }).toEqual({
      code: 2,
      named: true,
    });
  });
});
