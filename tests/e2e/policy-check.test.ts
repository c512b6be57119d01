import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { ALL_RULES } from "../../src/policy/rules.ts";
import { jsonOf, runKvshift } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";

const resultSchema = z.object({
  ok: z.boolean(),
  stack: z.string(),
  rules: z.array(
    z.object({ name: z.string(), checked: z.string(), result: z.string(), findings: z.array(z.string()) }),
  ),
});

const DEV_ACCOUNT = "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1";
const PROD_ACCOUNT = "9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6";

let stage: LocalStage;

beforeAll(async () => {
  stage = await createLocalStage();
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

/** Runs the command where nothing tells it how to reach a vendor. */
async function policyCheck(...args: string[]) {
  const env = Object.entries(stage.env).filter(([name]) => !/^(?:CLOUDFLARE|RENDER)_/.test(name));
  return runKvshift(["policy", "check", ...args], { cwd: stage.project, env: Object.fromEntries(env) });
}

describe("kvshift policy check", () => {
  it("refuses an environment that is not provisioned", async () => {
    const finished = await policyCheck("--stack", "prod", "--json");
    expect(jsonOf(finished)).toMatchObject({ ok: false, error: { code: "STACK_NOT_FOUND" } });
    expect(finished.code).toBe(2);
  });

  it("judges what is provisioned by every rule, without asking a vendor", async () => {
    await stage.kvshiftJson("up", "--stack", "prod", "--yes");
    stage.cloud.cloudflare.requestLog.drain();
    stage.cloud.render.requestLog.drain();
    const finished = await policyCheck("--stack", "prod", "--json");
    const { ok, stack, rules } = resultSchema.parse(jsonOf(finished));
    expect({ code: finished.code, ok, stack }).toEqual({ code: 0, ok: true, stack: "prod" });
    expect(rules.map(({ name, result }) => [name, result])).toEqual(
      ALL_RULES.map(({ name, checked }) => [name, checked === "plan" ? "not checked" : "holds"]),
    );
    expect(stage.cloud.cloudflare.requestLog.entries).toEqual([]);
    expect(stage.cloud.render.requestLog.entries).toEqual([]);
  });

  it("shows a table to people", async () => {
    const { code, stdout } = await policyCheck("--stack", "prod");
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^RULE +CHECKED +RESULT$/);
    expect(lines.slice(1).map((line) => line.split(" ")[0])).toEqual(ALL_RULES.map(({ name }) => name));
  });

  it("refuses with exit code 3 where a rule of the pack and one about the state are broken", async () => {
    // Somebody moved dev into the account of production, and minted a credential that the state does not have.
    await stage.edit("dev", [DEV_ACCOUNT, PROD_ACCOUNT]);
    await stage.edit("prod", ["a: { epoch: 1,", "a: { epoch: 2,"]);
    const before = await stage.kvshiftJson("outputs", "--stack", "prod");
    const finished = await policyCheck("--stack", "prod", "--json");
    expect(finished.code).toBe(3);
    const { rules } = resultSchema.parse(jsonOf(finished));
    expect(rules.flatMap(({ name, result }) => (result === "broken" ? [name] : []))).toEqual([
      "production-has-its-own-account",
      "live-credentials-are-protected",
    ]);
    expect(jsonOf(finished)).toMatchObject({
      error: {
        code: "POLICY_VIOLATED",
        details: [
          expect.stringMatching(/^production-has-its-own-account .*\n.*environment dev is in the same account/),
          expect.stringContaining("live credential application-a2 is not in the state"),
        ],
      },
    });
    expect(await stage.kvshiftJson("outputs", "--stack", "prod")).toEqual(before);
  });
});

describe("kvshift preview", () => {
  it("warns where an advisory rule does not hold, and goes on", async () => {
    const { code, stderr } = await stage.kvshift("preview", "--stack", "dev");
    expect(stderr).toMatch(/! isolated-environments .*[^]*environment prod is in the same account/);
    expect(code).toBe(0);
  });
});
