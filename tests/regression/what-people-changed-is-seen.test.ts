import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";

import { jsonOf } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { callCloudflare, callRender, environmentGroup } from "../support/vendor-view.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const tokenSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  status: z.string().optional(),
  policies: z.unknown(),
});
const listSchema = z.object({ result: z.array(tokenSchema) });
const statusSchema = z.object({
  problems: z.array(z.object({ what: z.string() })),
  credentials: z.array(
    z.looseObject({ id: z.string().optional(), verified: z.string().optional(), expiresAt: z.string().optional() }),
  ),
});
const runSchema = z.looseObject({
  changed: z.boolean().optional(),
  refusedSecrets: z.array(z.string()),
});

/** What `kvshift status` finds: it ends with 3 where something needs attention. */
async function status(stage: LocalStage, environment: string) {
  const finished = await stage.kvshift("status", "--stack", environment, "--exit-code", "--json");
  return { code: finished.code, ...statusSchema.parse(jsonOf(finished)) };
}

async function run(stage: LocalStage, command: string, environment: string, ...args: readonly string[]) {
  const finished = await stage.kvshift(command, "--stack", environment, "--json", ...args);
  expect({ command, code: finished.code, stderr: finished.code === 0 ? "" : finished.stderr }).toEqual({
    command,
    code: 0,
    stderr: "",
  });
  return { said: finished.stderr, ...runSchema.parse(jsonOf(finished)) };
}

// The record was checked, not the thing: all of this was "state and vendors agree", "nothing to change", exit code 0.
describe("with tokens of the account,", () => {
  const TOKENS = "/accounts/0d3ad0c0ffee4b1da0d3ad0c0ffee4b1/tokens";
  const SERVICE = "srv-d0000000000000000001";
  let stage: LocalStage;

  beforeAll(async () => {
    stage = await createLocalStage();
    await stage.kvshiftJson("up", "--stack", "dev", "--yes");
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });

  async function token(name: string) {
    const { result } = listSchema.parse(await callCloudflare(stage.cloud, "GET", TOKENS));
    const found = result.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no token ${name}`);
    return found;
  }

  it("a token that somebody disabled is named by `preview`, and enabled by `up`", async () => {
    const { id, name, policies } = await token("brainbot-dev-operator-a1");
    await callCloudflare(stage.cloud, "PUT", `${TOKENS}/${id}`, { name, policies, status: "disabled" });
    const preview = await run(stage, "preview", "dev");
    expect(preview.changed).toBe(true);
    expect(preview.said).toContain("Somebody changed the account token operator-a1: disabled, not active.");
    expect((await token(name)).status).toBe("disabled");
    await run(stage, "up", "dev", "--yes");
    expect((await token(name)).status).toBe("active");
    expect((await run(stage, "preview", "dev")).changed).toBe(false);
  });

  it("a variable, a link and a title that somebody changed are named and put right before anything is deployed", async () => {
    const byKey = ({ envVars }: Awaited<ReturnType<typeof environmentGroup>>) =>
      Object.fromEntries(envVars.map(({ key, value }) => [key, value]));
    const before = await environmentGroup(stage.cloud, "dev");
    const group = `/env-groups/${before.id}`;
    await callRender(stage.cloud, "PUT", `${group}/env-vars/CLOUDFLARE_KV_PHASE`, { value: "redis" });
    await callRender(stage.cloud, "DELETE", `${group}/services/${SERVICE}`);
    const namespaces = "/accounts/0d3ad0c0ffee4b1da0d3ad0c0ffee4b1/storage/kv/namespaces";
    const { result } = z
      .object({ result: z.array(z.object({ id: z.string(), title: z.string() })) })
      .parse(await callCloudflare(stage.cloud, "GET", namespaces));
    const cache = result.find(({ title }) => title === "brainbot-dev-cache")?.id ?? "";
    await callCloudflare(stage.cloud, "PUT", `${namespaces}/${cache}`, { title: "mine" });
    const { said } = await run(stage, "up", "dev", "--yes", "--deploy");
    for (const line of [
      "the environment group cloudflare-kv: CLOUDFLARE_KV_PHASE (another value).",
      `the environment group link cloudflare-kv: ${SERVICE} is not linked.`,
      "the KV namespace cache: renamed to mine.",
    ]) {
      expect(said).toContain(`Somebody changed ${line} \`up\` puts it right.`);
    }
    expect(said.indexOf("Somebody changed")).toBeLessThan(said.indexOf("Deploy"));
    expect(byKey(await environmentGroup(stage.cloud, "dev"))).toEqual(byKey(before));
    expect(await callCloudflare(stage.cloud, "GET", `${namespaces}/${cache}`)).toMatchObject({
      result: { title: "brainbot-dev-cache" },
    });
    expect(await callRender(stage.cloud, "GET", group)).toMatchObject({ serviceLinks: [{ id: SERVICE }] });
  });

  it("a token that somebody rolled is dead, and `status`, `preview`, `up` and `refresh` say so", async () => {
    const { id } = await token("brainbot-dev-application-a1");
    await callCloudflare(stage.cloud, "PUT", `${TOKENS}/${id}/value`, {});
    const found = await status(stage, "dev");
    const verified = Object.fromEntries(found.credentials.map((one) => [one.id ?? "none", one.verified ?? "none"]));
    expect({ code: found.code, verified }).toEqual({
      code: 3,
      verified: { none: "none", "dev-application-a1": "refused", "dev-operator-a1": "accepted" },
    });
    expect(found.problems.map(({ what }) => what)).toContain(
      "Cloudflare refuses the secret of the live token dev-application-a1: somebody rolled it, and no state knows the new one.",
    );
    for (const [command, ...args] of [["preview"], ["up", "--yes"], ["refresh"]] as const) {
      const { refusedSecrets, said } = await run(stage, command, "dev", ...args);
      expect({ command, refusedSecrets }).toEqual({ command, refusedSecrets: ["dev-application-a1"] });
      expect(said).toContain("mint the next one: in Pulumi.dev.yaml make its slot live with the next epoch");
    }
  });
});

describe("with a gateway of its own host name,", () => {
  const ACCOUNT = "/accounts/9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6";
  let stage: LocalStage;

  beforeAll(async () => {
    stage = await createLocalStage({}, { access: "gateway" });
    await stage.kvshiftJson("up", "--stack", "prod", "--yes");
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });

  const hostNames = async () =>
    z
      .object({ result: z.array(z.object({ id: z.string(), hostname: z.string() })) })
      .parse(await callCloudflare(stage.cloud, "GET", `${ACCOUNT}/workers/domains`)).result;

  it("a host name that somebody took away is missing in `status` and `preview`, and comes back with `up`", async () => {
    const [domain] = await hostNames();
    await callCloudflare(stage.cloud, "DELETE", `${ACCOUNT}/workers/domains/${domain?.id ?? ""}`);
    const found = await status(stage, "prod");
    expect(found.problems.map(({ what }) => what)).toContain(
      `The gateway's host name (${domain?.id ?? ""}) no longer leads to it.`,
    );
    expect((await run(stage, "preview", "prod")).changed).toBe(true);
    await run(stage, "up", "prod", "--yes");
    expect((await hostNames()).map(({ hostname }) => hostname)).toEqual([domain?.hostname]);
  });

  it("an expiry that was extended in the file alone is not the one that counts", async () => {
    await stage.edit("prod", ["2027-11-23T00:00:00Z", "2028-11-23T00:00:00Z"]);
    const { credentials, problems } = await status(stage, "prod");
    expect(credentials.find(({ id }) => id === "prod-application-a1")?.expiresAt).toBe("2027-11-23T00:00:00Z");
    expect(problems.map(({ what }) => what)).toContainEqual(
      expect.stringContaining("ends 2028-11-23T00:00:00Z, provisioned 2027-11-23T00:00:00Z"),
    );
  });
});
