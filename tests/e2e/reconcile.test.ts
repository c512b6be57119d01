import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { callCloudflare, callRender, environmentGroup, mintedTokens } from "../support/vendor-view.ts";

const ACCOUNT = "/accounts/0d3ad0c0ffee4b1da0d3ad0c0ffee4b1";
const PRODUCTION = "/accounts/9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6";
const NAMESPACES = "/storage/kv/namespaces";
const LIVE_1 = 'a: { epoch: 1, state: live, mintedAt: "2026-11-23T00:00:00Z", expiresAt: never }';
const OWNER = "tea-d0000000000000000001";

const createdSchema = z.object({ result: z.object({ id: z.string() }) });
const tokensSchema = z.object({ result: z.array(z.object({ id: z.string(), name: z.string() })) });

let stage: LocalStage;

beforeAll(async () => {
  stage = await createLocalStage();
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

async function createNamespace(account: string, title: string): Promise<string> {
  const created = await callCloudflare(stage.cloud, "POST", `${account}${NAMESPACES}`, { title });
  return createdSchema.parse(created).result.id;
}

async function createToken(name: string): Promise<string> {
  const resources = { [`com.cloudflare.api.account.${ACCOUNT.replace("/accounts/", "")}`]: "*" };
  const policies = [{ effect: "allow", permission_groups: [{ id: "f7f0eda5697f475c90846e879bab8666" }], resources }];
  const created = await callCloudflare(stage.cloud, "POST", `${ACCOUNT}/tokens`, { name, policies });
  return createdSchema.parse(created).result.id;
}

async function tokenId(name: string): Promise<string> {
  const { result } = tokensSchema.parse(await callCloudflare(stage.cloud, "GET", `${ACCOUNT}/tokens?per_page=50`));
  return result.find((token) => token.name === name)?.id ?? "none";
}

// One stage for the whole story: each step stands on the one before.
describe("state and vendors that differ", () => {
  it("shows in a preview what would be taken up and removed, and changes nothing", async () => {
    await createNamespace(ACCOUNT, "brainbot-dev-cache");
    await createToken("brainbot-dev-application-a1");
    stage.cloud.cloudflare.requestLog.drain();
    const { code, stderr } = await stage.kvshift("preview", "--stack", "dev");
    expect(code).toBe(0);
    expect(stderr).toContain("The KV namespace cache exists already");
    expect(stderr).toContain("The account token brainbot-dev-application-a1 exists, but no state knows it");
    const methods = new Set(stage.cloud.cloudflare.requestLog.drain().map(({ method }) => method));
    expect(methods).toEqual(new Set(["GET"]));
  });

  it("refuses to remove anything where nobody can answer and --yes is not given", async () => {
    const { code, stderr } = await stage.kvshift("up", "--stack", "dev");
    expect({ code, refused: stderr.includes("NOT_CONFIRMED") }).toEqual({ code: 3, refused: true });
    expect(await mintedTokens(stage.cloud, ACCOUNT.slice("/accounts/".length))).toHaveLength(1);
  });

  it("takes up the namespace as it is and replaces the token that nobody ever used", async () => {
    const orphan = await tokenId("brainbot-dev-application-a1");
    const { reconciled, changes } = await stage.kvshiftJson("up", "--stack", "dev", "--yes");
    expect(changes).toMatchObject({ import: 1 });
    expect(reconciled).toMatchObject({ removed: [{ kind: "token", id: orphan }] });
    expect(await mintedTokens(stage.cloud, ACCOUNT.slice("/accounts/".length))).toHaveLength(2);
    const second = await stage.kvshiftJson("up", "--stack", "dev", "--yes");
    expect(second["changed"]).toBe(false);
  });

  it("puts back a group that somebody deleted: with its link, and in one `up`", async () => {
    const { id, envVars } = await environmentGroup(stage.cloud, "dev");
    await callRender(stage.cloud, "DELETE", `/env-groups/${id}`);
    const { reconciled } = await stage.kvshiftJson("up", "--stack", "dev", "--yes");
    expect((reconciled as { dropped: string[] }).dropped).toHaveLength(2);
    const after = await environmentGroup(stage.cloud, "dev");
    const sorted = (variables: typeof envVars) => variables.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    expect(sorted(after.envVars)).toEqual(sorted(envVars));
  });

  it("refreshes where the group of the link is gone, which the provider alone cannot", async () => {
    const { id } = await environmentGroup(stage.cloud, "dev");
    await callRender(stage.cloud, "DELETE", `/env-groups/${id}`);
    const { drift } = await stage.kvshiftJson("refresh", "--stack", "dev");
    expect(drift).toBe(true);
    await stage.kvshiftJson("up", "--stack", "dev", "--yes");
  });

  it("mints no second secret under one epoch when a live token was deleted, but one with the next epoch", async () => {
    await callCloudflare(stage.cloud, "DELETE", `${ACCOUNT}/tokens/${await tokenId("brainbot-dev-application-a1")}`);
    const refused = await stage.kvshift("up", "--stack", "dev", "--yes");
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain("its credential of epoch 1 no longer exists: live with epoch 2, or empty");
    await stage.edit("dev", [LIVE_1, LIVE_1.replace("epoch: 1", "epoch: 2")]);
    await stage.kvshiftJson("up", "--stack", "dev", "--yes");
    const { envVars } = await environmentGroup(stage.cloud, "dev");
    expect(envVars.find(({ key }) => key === "CLOUDFLARE_KV_CREDENTIAL_ID")?.value).toBe("dev-application-a2");
  });

  it("leaves a group of our name alone that holds somebody else's variables, and says what to do", async () => {
    await stage.kvshiftJson("destroy", "--stack", "dev", "--yes");
    const name = "brainbot-dev-cloudflare-kv";
    const envVars = [{ key: "SENTRY_DSN", value: "https://sentry.example.com" }];
    await callRender(stage.cloud, "POST", "/env-groups", { name, ownerId: OWNER, envVars });
    const refused = await stage.kvshift("up", "--stack", "dev", "--yes");
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain("it holds what is not ours: SENTRY_DSN");
    expect((await environmentGroup(stage.cloud, "dev")).envVars).toEqual(envVars);
  });

  it("takes up a namespace of production only with --adopt", async () => {
    const id = await createNamespace(PRODUCTION, "brainbot-prod-sessions");
    const refused = await stage.kvshift("up", "--stack", "prod", "--yes");
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain("--adopt");
    const { reconciled } = await stage.kvshiftJson("up", "--stack", "prod", "--yes", "--adopt");
    expect(reconciled).toMatchObject({ adopted: { sessions: id } });
  });
});

describe("destroy and up of production", () => {
  it("keeps namespaces with their data and live credentials that stay valid, and takes both up again", async () => {
    const variables = async () => {
      const { variables: shown } = await stage.kvshiftJson("env", "--stack", "prod", "--show-secrets");
      return z.record(z.string(), z.string()).parse(shown);
    };
    const before = await variables();
    const value = `${PRODUCTION}${NAMESPACES}/${before["CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS"] ?? ""}/values/session-1`;
    await fetch(`${stage.cloud.cloudflare.url}${value}`, {
      method: "PUT",
      body: "signed in",
      headers: { authorization: `Bearer ${before["CLOUDFLARE_KV_API_TOKEN"] ?? ""}` },
    });
    const { keptProtected } = await stage.kvshiftJson("destroy", "--stack", "prod", "--yes");
    expect(keptProtected).toBe(true);
    const read = () =>
      fetch(`${stage.cloud.cloudflare.url}${value}`, {
        headers: { authorization: `Bearer ${before["CLOUDFLARE_KV_API_TOKEN"] ?? ""}` },
      });
    expect(await (await read()).text()).toBe("signed in");
    await stage.kvshiftJson("up", "--stack", "prod", "--yes");
    expect(await variables()).toEqual(before);
    expect(await (await read()).text()).toBe("signed in");
  });
});
