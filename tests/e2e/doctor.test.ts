import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { jsonOf } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";

let stage: LocalStage;

beforeAll(async () => {
  stage = await createLocalStage({ RENDER_API_KEY: "" });
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

describe("kvshift doctor", () => {
  it("finds everything well on the local cloud, in a table and as JSON, and shows no secret", async () => {
    await using well = await createLocalStage();
    const { code, stdout, stderr } = await well.kvshift("doctor", "--stack", "prod");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/✓ {2}Cloudflare token +active/);
    const answer = await well.kvshiftJson("doctor", "--stack", "prod");
    expect(answer).toMatchObject({ ok: true, checks: expect.any(Array) });
    // It would look as well with real accounts.
    expect(stdout).toMatch(/! {2}Vendors +a local cloud on this machine\n/);
    expect(stdout).toContain("unset CLOUDFLARE_BASE_URL");
    expect(stdout).toContain("It is a temporary folder");
    for (const name of ["CLOUDFLARE_API_TOKEN", "RENDER_API_KEY", "PULUMI_CONFIG_PASSPHRASE"]) {
      expect(stdout + JSON.stringify(answer)).not.toContain(well.env[name]);
    }
  });

  it("sees that the passphrase is not that of the stack, by what its state is encrypted with", async () => {
    await using well = await createLocalStage();
    const { stderr } = await well.kvshift("up", "--stack", "dev", "--yes");
    expect(stderr).toContain("The vendors are a local cloud on this machine");
    const right = await well.kvshift("doctor", "--stack", "dev");
    expect({ code: right.code, seen: right.stdout.includes("set, and that of dev") }).toEqual({ code: 0, seen: true });
    const other = { ...well.env, PULUMI_CONFIG_PASSPHRASE: "another one" };
    const wrong = await well.kvshiftWith(other, "doctor", "--stack", "dev");
    expect(wrong.code).toBe(3);
    expect(wrong.stdout).toMatch(/✗ {2}Passphrase +it is not that of dev\n/);
  });

  it("ends with 3 where RENDER_API_KEY is missing, names it and says how to mend it", async () => {
    const forPeople = await stage.kvshift("doctor", "--stack", "dev");
    expect(forPeople.code).toBe(3);
    expect(forPeople.stdout).toMatch(
      /✗ {2}Render key +RENDER_API_KEY is not set\n[^]*Render key:\n {2}Export an API key/,
    );
    const asJson = await stage.kvshift("doctor", "--stack", "dev", "--json");
    expect(asJson.code).toBe(3);
    expect(jsonOf(asJson)).toMatchObject({
      ok: false,
      error: { code: "CHECKUP_FAILED", details: ["Render key: RENDER_API_KEY is not set"] },
      checks: expect.arrayContaining([expect.objectContaining({ name: "Render key", ok: false })]),
    });
  });
});
