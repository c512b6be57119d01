import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { bundleGateway } from "../../src/stack/bundle.ts";
import { cloudflareCaller, deployedVersion } from "../support/deployed-version.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";

const DEV = "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1";
const WORKER = "brainbot-dev-gateway";
const LIVE_A = 'a: { epoch: 1, state: live, mintedAt: "2026-11-23T00:00:00Z", expiresAt: never }';
const EMPTY_B = "b: { epoch: 0, state: empty }";
const LIVE_B = 'b: { epoch: 1, state: live, mintedAt: "2026-12-01T00:00:00Z", expiresAt: never }';
/** What somebody deployed by hand. */
const OTHER_VERSION = {
  compatibility_date: "2026-07-01",
  main_module: "other.js",
  modules: [
    {
      name: "other.js",
      content_type: "application/javascript+module",
      content_base64: Buffer.from("export default { fetch: () => new Response() };").toString("base64"),
    },
  ],
};

const gatewayOutput = z.object({
  workerName: z.string(),
  workerId: z.string(),
  versionId: z.string(),
  url: z.string(),
});
const variablesSchema = z.record(z.string(), z.string());

let stage: LocalStage;
/** The variables of the first run. */
let given: Record<string, string> = {};
/** Every secret that was given out, by the id of its credential. */
const secrets = new Map<string, string>();

beforeAll(async () => {
  stage = await createLocalStage({}, { access: "gateway" });
  await stage.edit("dev", ["consistency: strong", "consistency: strong\n      shards: 4"]);
  // Without a strong namespace, so that `access: rest` would be possible.
  await stage.edit("prod", ["consistency: strong", "consistency: eventual"]);
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

const up = (...args: string[]) => stage.kvshiftJson("up", "--stack", "dev", "--yes", ...args);
const refused = async (environment: string, errorCode: string) => {
  const { code, stderr } = await stage.kvshift("up", "--stack", environment, "--yes");
  return code === 3 && stderr.includes(`[${errorCode}]`);
};

async function variables(): Promise<Record<string, string>> {
  const shown = await stage.kvshiftJson("env", "--stack", "dev", "--show-secrets");
  const found = variablesSchema.parse(shown["variables"]);
  secrets.set(found["CLOUDFLARE_KV_CREDENTIAL_ID"] ?? "", found["CLOUDFLARE_KV_API_TOKEN"] ?? "");
  return found;
}

const gatewayOf = (result: Record<string, unknown>) =>
  gatewayOutput.parse(z.object({ outputs: z.object({ gateway: z.unknown() }) }).parse(result).outputs.gateway);
const deployed = () => deployedVersion(cloudflareCaller(stage.cloud, DEV), WORKER);
const urlOf = (worker: string) => `${stage.cloud.workers.url}/${worker}`;

/** What the deployed gateway answers to the holder of a credential. */
async function verify(token = "", worker = WORKER): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${urlOf(worker)}/client/v4/user/tokens/verify`, { headers })).status;
}

/** Calls that changed something at Cloudflare since the last time, without ids. */
function changes(): string[] {
  const calls = stage.cloud.cloudflare.requestLog.drain().filter(({ method }) => method !== "GET");
  return calls.map(
    ({ method, path }) => `${method} ${path.replaceAll(/[0-9a-f]{32}|[0-9a-f-]{36}/g, "…").split("?")[0] ?? ""}`,
  );
}

async function stateText(environment: string): Promise<string> {
  const backend = new URL(stage.env["PULUMI_BACKEND_URL"] ?? "");
  return readFile(join(backend.pathname, ".pulumi", "stacks", "kvshift", `${environment}.json`), "utf8");
}

describe("an environment behind the gateway", () => {
  it("is created: namespaces, credentials, the Worker with one deployed version, the group", async () => {
    const result = await up();
    expect(result["changes"]).toEqual({ create: 14 });
    expect(changes().toSorted()).toEqual([
      "POST /client/v4/accounts/…/storage/kv/namespaces",
      "POST /client/v4/accounts/…/storage/kv/namespaces",
      "POST /client/v4/accounts/…/workers/workers",
      "POST /client/v4/accounts/…/workers/workers/…/versions",
    ]);
    const { versionId, module } = await deployed();
    expect(gatewayOf(result)).toEqual({
      workerName: WORKER,
      workerId: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown,
      versionId,
      url: urlOf(WORKER),
    });
    expect(result).toMatchObject({ outputs: { namespaces: { sessions: { consistency: "strong", shards: 4 } } } });
    expect(module).toBe(await bundleGateway());
  });

  it("gives services an address and a credential that opens the deployed gateway, and no other one does", async () => {
    given = await variables();
    expect(given["CLOUDFLARE_KV_API_URL"]).toBe(`${urlOf(WORKER)}/client/v4`);
    expect(given["CLOUDFLARE_KV_API_TOKEN"]).toMatch(/^kvs_dev-application-a1_[A-Za-z0-9]{48}$/);
    expect(await verify(given["CLOUDFLARE_KV_API_TOKEN"])).toBe(200);
    expect(await verify(`kvs_dev-application-a1_${"x".repeat(48)}`)).toBe(401);
  });

  it("serves the strong namespace by the id that services are given", async () => {
    const { CLOUDFLARE_KV_API_TOKEN: token = "", CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS: id = "" } = given;
    const path = `${urlOf(WORKER)}/client/v4/accounts/${DEV}/storage/kv/namespaces/${id}/values/session-1`;
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(path, { method: "PUT", headers, body: "signed in" })).status).toBe(200);
    expect(await (await fetch(path, { headers })).text()).toBe("signed in");
  });

  it("does not change with a second up", async () => {
    changes();
    const again = await up();
    expect({ changed: again["changed"], calls: changes() }).toEqual({ changed: false, calls: [] });
  });

  it("has its secrets in no state, binding or output in clear", async () => {
    const { CLOUDFLARE_KV_API_TOKEN: token = "" } = given;
    const password = token.split("_").at(-1) ?? "";
    const { bindings } = await deployed();
    const { stdout } = await stage.kvshift("outputs", "--stack", "dev");
    for (const text of [await stateText("dev"), JSON.stringify(bindings), stdout]) {
      expect(text).toContain("brainbot-dev");
      expect(text).not.toContain(password);
    }
  });

  it("tells its status, and warns when Cloudflare serves another version than the last run deployed", async () => {
    const healthy = await stage.kvshiftJson("status", "--stack", "dev");
    expect(healthy["gateway"]).toMatchObject({ exists: true, servesOwnVersion: true });
    const call = cloudflareCaller(stage.cloud, DEV);
    const { versionId } = await deployed();
    const older = z
      .object({ id: z.string() })
      .parse(await call("POST", `/workers/workers/${WORKER}/versions`, OTHER_VERSION)).id;
    const serve = (id: string) =>
      call("POST", `/workers/scripts/${WORKER}/deployments`, {
        strategy: "percentage",
        versions: [{ version_id: id, percentage: 100 }],
      });
    await serve(older);
    const { problems } = await stage.kvshiftJson("status", "--stack", "dev");
    expect(JSON.stringify(problems)).toContain(`${older} (100 %), not ${versionId}`);
    await serve(versionId);
  });

  it.each([
    ["another number of shards", "shards: 4", "shards: 8", "NAMESPACE_CHANGE_REFUSED"],
    ["another class", "strong\n      shards: 4", "eventual", "NAMESPACE_CHANGE_REFUSED"],
  ])("refuses %s before anything is changed", async (_title, from, to, code) => {
    changes();
    await stage.edit("dev", [from, to]);
    expect(await refused("dev", code)).toBe(true);
    await stage.edit("dev", [to, from]);
    expect(changes()).toEqual([]);
  });
});

describe("a rotation by hand behind the gateway", () => {
  it("mints the other slot's credential, which the gateway knows before a service holds it", async () => {
    changes();
    await stage.edit("dev", [EMPTY_B, LIVE_B], ["active: a", "active: b\n      rotation: by-hand"]);
    const result = await up();
    expect(result["changes"]).toMatchObject({ create: 1, replace: 1, update: 1 });
    expect(changes()).toEqual(["POST /client/v4/accounts/…/workers/workers/…/versions"]);
    const { CLOUDFLARE_KV_API_TOKEN: token = "" } = await variables();
    expect(token).toMatch(/^kvs_dev-application-b1_/);
    expect([await verify(token), await verify(secrets.get("dev-application-a1"))]).toEqual([200, 200]);
    const { CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS: id = "" } = given;
    const path = `${urlOf(WORKER)}/client/v4/accounts/${DEV}/storage/kv/namespaces/${id}/values/session-1`;
    const kept = await fetch(path, { headers: { authorization: `Bearer ${token}` } });
    expect(await kept.text()).toBe("signed in");
  });

  it("lets the old credential work while it drains, and ends it with the slot", async () => {
    await stage.edit("dev", [LIVE_A, LIVE_A.replace("live", "draining")], ["\n      rotation: by-hand", ""]);
    await up();
    expect(await verify(secrets.get("dev-application-a1"))).toBe(200);
    await stage.edit("dev", [LIVE_A.replace("live", "draining"), "a: { epoch: 1, state: empty }"]);
    expect((await up())["changes"]).toMatchObject({ delete: 1, replace: 1 });
    expect(await verify(secrets.get("dev-application-a1"))).toBe(401);
    expect(await verify(secrets.get("dev-application-b1"))).toBe(200);
  });
});

describe("a lost answer of Cloudflare", () => {
  it("leaves no second Worker: destroy removes all, and the next up takes up what a lost answer left", async () => {
    expect((await stage.kvshiftJson("destroy", "--stack", "dev", "--yes"))["changes"]).toEqual({ delete: 14 });
    const call = cloudflareCaller(stage.cloud, DEV);
    expect(await call("GET", "/workers/workers")).toEqual([]);
    const path = `/client/v4/accounts/${DEV}/workers/workers`;
    stage.cloud.cloudflare.faults.add({ method: "POST", path, fault: { kind: "lose-answer" } });
    expect((await stage.kvshift("up", "--stack", "dev", "--yes")).code).toBe(5);
    const [lost, ...others] = z.array(z.object({ id: z.string() })).parse(await call("GET", "/workers/workers"));
    expect(others).toEqual([]);
    const result = await up();
    expect(result["reconciled"]).toMatchObject({ adoptedWorker: lost?.id });
    expect(gatewayOf(result).workerId).toBe(lost?.id);
  });
});

describe("production behind the gateway", () => {
  it("keeps its access, and its Worker through new versions and destroy", async () => {
    const first = await stage.kvshiftJson("up", "--stack", "prod", "--yes");
    const { workerId, versionId } = gatewayOf(first);
    await stage.edit("prod", ["access: gateway", "access: rest"]);
    expect(await refused("prod", "ACCESS_CHANGE_REFUSED")).toBe(true);
    await stage.edit("prod", ["access: rest", "access: gateway"]);
    await stage.edit("prod", ["203.0.113.20/32", "203.0.113.21/32"]);
    const second = await stage.kvshiftJson("up", "--stack", "prod", "--yes");
    expect(second["changes"]).toMatchObject({ replace: 1 });
    expect(gatewayOf(second).workerId).toBe(workerId);
    expect(gatewayOf(second).versionId).not.toBe(versionId);
    const kept = await stage.kvshift("destroy", "--stack", "prod", "--yes");
    expect(kept.stdout).toContain("The Worker serves on as it was last deployed");
    const again = await stage.kvshiftJson("up", "--stack", "prod", "--yes");
    expect(gatewayOf(again).workerId).toBe(workerId);
  });
});
