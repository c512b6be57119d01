import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import type { StatusReport } from "../../src/flows/status/judge.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { callCloudflare, callRender, environmentGroup } from "../support/vendor-view.ts";

const ACCOUNT = "/accounts/0d3ad0c0ffee4b1da0d3ad0c0ffee4b1";
const OWNER = "tea-d0000000000000000001";
const SERVICE = "srv-d0000000000000000001";
const HIDDEN = "hidden-".repeat(3);

const tokensSchema = z.object({ result: z.array(z.object({ id: z.string(), name: z.string() })) });
const idSchema = z.object({ id: z.string() });

let stage: LocalStage;

beforeAll(async () => {
  stage = await createLocalStage({}, { clock: "system" });
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

const status = async () => (await stage.kvshiftJson("status", "--stack", "dev")) as unknown as StatusReport;
const whats = ({ problems }: StatusReport) => problems.map(({ what }) => what);
const states = ({ services }: StatusReport) => services.map(({ state }) => state);
const up = (...args: string[]) => stage.kvshiftJson("up", "--stack", "dev", "--yes", ...args);

// One stage for the whole story: each step stands on the one before.
describe("kvshift status", () => {
  it("refuses an environment that was never provisioned", async () => {
    expect((await stage.kvshift("status", "--stack", "dev")).code).toBe(2);
  });

  it("shows what exists and what services lack, changes nothing, and ends with 0", async () => {
    await up();
    stage.cloud.cloudflare.requestLog.drain();
    stage.cloud.render.requestLog.drain();
    const { code, stdout } = await stage.kvshift("status", "--stack", "dev");
    expect(code).toBe(0);
    expect(stdout).toContain("dev: development of brainbot, phase kv, access rest");
    expect(stdout).toMatch(/application +a \* +live +1 +dev-application-a1 .* active/);
    expect(stdout).toMatch(/sessions +eventual +brainbot-dev-sessions +[0-9a-f]{32} +yes/);
    expect(stdout).toMatch(/brainbot-dev +srv-d0000000000000000001 +never deployed/);
    expect(stdout).toContain("1 thing needs attention:\n! Never deployed: brainbot-dev.");
    const { cloudflare, render } = stage.cloud;
    const calls = [...cloudflare.requestLog.drain(), ...render.requestLog.drain()];
    expect(new Set(calls.map(({ method }) => method))).toEqual(new Set(["GET"]));
  });

  it("ends with 3 where something needs attention and --exit-code is given, and still prints all of it", async () => {
    const { code, stdout } = await stage.kvshift("status", "--stack", "dev", "--json", "--exit-code");
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      services: [{ state: "never deployed" }],
      error: { code: "ATTENTION_NEEDED" },
    });
  });

  it("finds a service current after `up --deploy`, and nothing that needs attention", async () => {
    const { deploys } = await up("--deploy");
    expect(deploys).toMatchObject({ deployed: [{ id: SERVICE, triggered: true }], current: [] });
    const { code, stdout, stderr } = await stage.kvshift("status", "--stack", "dev", "--exit-code");
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Nothing needs attention.");
  });

  it("finds it stale after the next change of its variables, which deploys nothing by itself", async () => {
    await stage.edit("dev", ["cacheTtlSeconds: 60", "cacheTtlSeconds: 90"]);
    await up();
    const stale = await status();
    expect(states(stale)).toEqual(["stale"]);
    const [service] = stale.services;
    expect(Date.parse(service?.deployedAt ?? "")).toBeLessThan(Date.parse(service?.variablesChangedAt ?? ""));
  });

  it("leaves it current after its deploy, also when a refresh stamps the group again, and deploys it no second time", async () => {
    await up("--deploy");
    await stage.kvshiftJson("refresh", "--stack", "dev");
    expect(states(await status())).toEqual(["current"]);
    expect((await up("--deploy"))["deploys"]).toEqual({ deployed: [], current: ["brainbot-dev"], suspended: [] });
  });

  it("names variables that a service or another group sets, and no value of them", async () => {
    await callRender(stage.cloud, "PUT", `/services/${SERVICE}/env-vars/CLOUDFLARE_KV_PHASE`, { value: HIDDEN });
    const envVars = [
      { key: "CLOUDFLARE_KV_API_TOKEN", value: HIDDEN },
      { key: "UPSTASH_REDIS_REST_TOKEN", value: HIDDEN },
    ];
    const body = { name: "brainbot-shared", ownerId: OWNER, envVars, serviceIds: [SERVICE] };
    const group = idSchema.parse(await callRender(stage.cloud, "POST", "/env-groups", body));
    const { stdout, stderr } = await stage.kvshift("status", "--stack", "dev", "--json");
    expect(`${stdout}${stderr}`).not.toContain("hidden-");
    const { shadowing } = JSON.parse(stdout) as StatusReport;
    expect(shadowing.map(({ source, keys, effect }) => ({ source, keys, effect }))).toEqual([
      { source: "service", keys: ["CLOUDFLARE_KV_PHASE"], effect: "wins" },
      { source: "group", keys: ["CLOUDFLARE_KV_API_TOKEN"], effect: "may win" },
      { source: "group", keys: ["UPSTASH_REDIS_REST_TOKEN"], effect: "left behind" },
    ]);
    await callRender(stage.cloud, "DELETE", `/env-groups/${group.id}`);
    await callRender(stage.cloud, "DELETE", `/services/${SERVICE}/env-vars/CLOUDFLARE_KV_PHASE`);
    expect(whats(await status())).toEqual([]);
  });

  it("names a variable that somebody deleted in the group; its fix puts it back", async () => {
    const { id } = await environmentGroup(stage.cloud, "dev");
    await callRender(stage.cloud, "DELETE", `/env-groups/${id}/env-vars/CLOUDFLARE_KV_PHASE`);
    const drifted = await status();
    expect(drifted.drift).toMatchObject({ looked: true, resources: [{ name: "cloudflare-kv", change: "changed" }] });
    expect(drifted.group.changes).toEqual([{ key: "CLOUDFLARE_KV_PHASE", change: "missing" }]);
    await stage.kvshiftJson("refresh", "--stack", "dev");
    await up("--deploy");
    expect(whats(await status())).toEqual([]);
  });

  it("says that a token which somebody deleted is missing; its fix mints the next epoch", async () => {
    const { result } = tokensSchema.parse(await callCloudflare(stage.cloud, "GET", `${ACCOUNT}/tokens?per_page=50`));
    const token = result.find(({ name }) => name === "brainbot-dev-application-a1");
    await callCloudflare(stage.cloud, "DELETE", `${ACCOUNT}/tokens/${token?.id ?? "none"}`);
    const report = await status();
    expect(report.credentials[0]).toMatchObject({ active: true, state: "live", status: "missing" });
    expect(report.problems).toMatchObject([
      {
        what: "The live token dev-application-a1 is missing.",
        fix: expect.stringContaining("make slot a of application live with epoch 2"),
      },
    ]);
    await stage.edit("dev", ["epoch: 1, state: live", "epoch: 2, state: live"]);
    await up();
    const minted = await status();
    expect(minted.credentials[0]).toMatchObject({ epoch: 2, status: "active" });
    expect(whats(minted)).toEqual(["Running with old variables: brainbot-dev."]);
  });

  it("still appears where the group is gone, which the engine cannot read", async () => {
    const { id } = await environmentGroup(stage.cloud, "dev");
    await callRender(stage.cloud, "DELETE", `/env-groups/${id}`);
    const report = await status();
    expect(report).toMatchObject({ drift: { looked: false }, group: { id, exists: false } });
    expect(whats(report)[0]).toContain("no longer exists at Render");
  });
});
