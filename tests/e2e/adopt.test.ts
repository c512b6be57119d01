import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { callCloudflare, callRender, environmentGroup } from "../support/vendor-view.ts";

const NAMESPACES = "/accounts/0d3ad0c0ffee4b1da0d3ad0c0ffee4b1/storage/kv/namespaces";
const OWNER = "tea-d0000000000000000001";
const SERVICE = "srv-d0000000000000000001";

const idSchema = z.object({ result: z.object({ id: z.string() }) });
const titleSchema = z.object({ result: z.object({ title: z.string() }) });
const groupSchema = z.object({ id: z.string(), envVars: z.array(z.object({ key: z.string() })) });

let stage: LocalStage;
let cacheId: string;

beforeAll(async () => {
  stage = await createLocalStage();
  const created = await callCloudflare(stage.cloud, "POST", NAMESPACES, { title: "the cache of last year" });
  cacheId = idSchema.parse(created).result.id;
  await callCloudflare(stage.cloud, "PUT", `${NAMESPACES}/${cacheId}/values/greeting`, "hello");
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

const adopted = (...args: string[]) => stage.kvshiftJson("adopt", "--stack", "dev", "--yes", ...args);
const adopt = (...args: string[]) => stage.kvshift("adopt", "--stack", "dev", "--yes", ...args);

async function createGroup(name: string, variables: Readonly<Record<string, string>>): Promise<string> {
  const envVars = Object.entries(variables).map(([key, value]) => ({ key, value }));
  const body = { name, ownerId: OWNER, envVars, serviceIds: [SERVICE] };
  return groupSchema.parse(await callRender(stage.cloud, "POST", "/env-groups", body)).id;
}

// One stage for the whole story: each step stands on the one before.
describe("kvshift adopt", () => {
  it("refuses an id that is not there, lists what is, and changes nothing", async () => {
    const { code, stderr } = await adopt("--namespace", `sessions=${"0".repeat(32)}`);
    expect(code).toBe(2);
    expect(stderr).toContain("the account has no namespace of this id");
    expect(stderr).toContain(`${cacheId} the cache of last year`);
  });

  it("takes up a namespace of another title with its data, and gives it the environment's title", async () => {
    await adopted("--namespace", `cache=${cacheId}`);
    const namespace = await callCloudflare(stage.cloud, "GET", `${NAMESPACES}/${cacheId}`);
    expect(titleSchema.parse(namespace).result.title).toBe("brainbot-dev-cache");
    const value = await callCloudflare(stage.cloud, "GET", `${NAMESPACES}/${cacheId}/values/greeting`);
    expect(value).toBe("hello");
    const { envVars } = await environmentGroup(stage.cloud, "dev");
    expect(envVars.find(({ key }) => key === "CLOUDFLARE_KV_NAMESPACE_ID_CACHE")?.value).toBe(cacheId);
  });

  it("has nothing left to change in the next `up`", async () => {
    expect((await stage.kvshiftJson("up", "--stack", "dev", "--yes"))["changed"]).toBe(false);
  });

  it("moves only kvshift's variables out of a group that people made", async () => {
    const id = await createGroup("brainbot-shared", { CLOUDFLARE_KV_PHASE: "kv", SENTRY_DSN: "https://example.com" });
    await adopted("--group", "brainbot-shared");
    const { envVars } = groupSchema.parse(await callRender(stage.cloud, "GET", `/env-groups/${id}`));
    expect(envVars.map(({ key }) => key)).toEqual(["SENTRY_DSN"]);
  });

  it("explains what must leave render.yaml first where a Blueprint owns the group, and changes nothing", async () => {
    const id = await createGroup("brainbot-blueprint", { CLOUDFLARE_KV_PHASE: "kv", OTHER: "x" });
    const blueprint = { id: "exs-d0000000000000000001", name: "brainbot", ownerId: OWNER };
    stage.cloud.render.setBlueprints([{ ...blueprint, envGroups: ["brainbot-blueprint"] }]);
    const refused = await adopt("--group", id);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain("remove the variable CLOUDFLARE_KV_PHASE");
    const { envVars } = groupSchema.parse(await callRender(stage.cloud, "GET", `/env-groups/${id}`));
    expect(envVars).toHaveLength(2);
  });

  it("goes on once a person says that the variables have left render.yaml", async () => {
    const { group } = await adopted("--group", "brainbot-blueprint", "--left-blueprint");
    expect(group).toMatchObject({ moved: ["CLOUDFLARE_KV_PHASE"], stayed: ["OTHER"] });
  });
});
