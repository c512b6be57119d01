import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { AuditRecord } from "../../src/audit/record.ts";
import { cloudflareCaller } from "../support/deployed-version.ts";
import { runKvshift } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";

const ACCOUNT = "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1";

let stage: LocalStage;
let log: string;
/** How far the vendors' clock is ahead, in milliseconds. */
let vendorsAhead = 0;

const shown = async (...args: string[]) =>
  (await stage.kvshiftJson("audit", "show", "--stack", "dev", ...args))["records"] as AuditRecord[];

describe("the audit log of an environment", () => {
  beforeAll(async () => {
    stage = await createLocalStage({}, { clock: "system", vendorsAheadMs: () => vendorsAhead });
    const state = fileURLToPath(stage.env["PULUMI_BACKEND_URL"] ?? "");
    log = join(state, "audit", "dev.ndjson");
    await stage.kvshiftJson("up", "--stack", "dev", "--yes");
  });

  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });

  it("says of a first `up` what was intended and what came of it, and of one without a change only that", async () => {
    await stage.kvshiftJson("up", "--stack", "dev", "--yes");
    const records = await shown();
    expect(records.map(({ flow, kind, outcome }) => [flow, kind, outcome])).toEqual([
      ["up", "intent", undefined],
      ["up", "outcome", "done"],
      ["up", "outcome", "done"],
    ]);
    expect(records[1]?.details).toMatchObject({
      credentials: { application: { active: "dev-application-a1", "dev-application-a1": "live" } },
      policy: { held: true },
      changes: { create: expect.any(Number) },
      engineRun: { startedAt: expect.stringMatching(/^\d{4}-/) },
    });
    expect(records[2]?.details).toMatchObject({ changes: { same: expect.any(Number) } });
    expect(records[0]?.versions).toMatchObject({ kvshift: expect.any(String), pulumi: expect.stringMatching(/^\d/) });
  });

  it("records refresh, and is found whole", async () => {
    await stage.kvshiftJson("refresh", "--stack", "dev");
    expect((await shown("--flow", "refresh")).map(({ kind }) => kind)).toEqual(["intent", "outcome"]);
    expect(await stage.kvshiftJson("audit", "verify", "--stack", "dev")).toMatchObject({
      comparedWithStack: true,
      newerThanStack: 0,
    });
  });

  it("holds no secret of the environment", async () => {
    const { outputs } = await stage.kvshiftJson("up", "--stack", "dev", "--yes");
    expect(JSON.stringify(outputs)).toContain("[secret]");
    const env = await stage.kvshift("env", "--stack", "dev", "--show-secrets", "--format", "dotenv");
    const token = /CLOUDFLARE_KV_API_TOKEN=["']?([^"'\n]+)/.exec(env.stdout)?.[1] ?? "missing";
    expect(token.length).toBeGreaterThan(20);
    expect(await readFile(log, "utf8")).not.toContain(token);
  });

  it("stops every change, with 3, once somebody edited it; `verify` names the record", async () => {
    const whole = await readFile(log, "utf8");
    await writeFile(log, whole.replace('"flow":"up"', '"flow":"no"'));
    const verified = await stage.kvshift("audit", "verify", "--stack", "dev", "--json");
    expect([verified.code, verified.stdout]).toEqual([3, expect.stringContaining("Record 1 is not what was written")]);
    const up = await stage.kvshift("up", "--stack", "dev", "--yes");
    expect([up.code, up.stderr]).toEqual([3, expect.stringContaining("AUDIT_BROKEN")]);
    await writeFile(log, whole.slice(0, whole.trimEnd().lastIndexOf("\n") + 1));
    const cut = await stage.kvshift("audit", "verify", "--stack", "dev");
    expect([cut.code, cut.stderr]).toEqual([3, expect.stringContaining("tail was cut off")]);
    await writeFile(log, whole);
    expect((await stage.kvshift("audit", "verify", "--stack", "dev")).code).toBe(0);
  });

  it("agrees with Cloudflare's own log, and names a token that somebody changed and no record explains", async () => {
    const agreed = await stage.kvshiftJson("audit", "reconcile", "--stack", "dev");
    expect(agreed).toMatchObject({ unexplained: [], unknown: [] });
    expect(agreed["explained"]).toBeGreaterThanOrEqual(2);
    const call = cloudflareCaller(stage.cloud, ACCOUNT);
    // By hand, long after the last record: the log's clock is moved instead of waiting.
    const later = { ...stage.env, KVSHIFT_NOW: new Date(Date.now() + 3_600_000).toISOString() };
    vendorsAhead = 1_800_000;
    const tokens = (await call("GET", "/tokens")) as { id: string; name: string }[];
    const live = tokens.find(({ name }) => name === "brainbot-dev-application-a1");
    await call("PUT", `/tokens/${live?.id ?? ""}/value`, {});
    const { code, stderr } = await runKvshift(["audit", "reconcile", "--stack", "dev"], {
      cwd: stage.project,
      env: later,
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/no record explains: .* PUT .*\/tokens\/[0-9a-f]{32}\/value/);
    vendorsAhead = 0;
  });

  it("comes out as CSV for a sheet", async () => {
    const { stdout } = await stage.kvshift("audit", "export", "--stack", "dev", "--flow", "refresh");
    expect(stdout.split("\r\n")[0]).toContain("sequence,time");
    expect(stdout.split("\r\n").filter((line) => line.includes(",refresh,"))).toHaveLength(2);
  });
});
