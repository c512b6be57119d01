import { describe, expect, it } from "vitest";

import { separateForeign } from "../../src/flows/pr/foreign-objects.ts";
import { problemsOf, changed, developmentValues, IN_DEVELOPMENT } from "../unit/config/valid-configuration.ts";
import { emulateVendors } from "../unit/flows/init/emulated-vendors.ts";
import { ACCOUNT, OWNER } from "../unit/flows/init/example-answers.ts";

/** What `shop` in its preview `pr-42` and `shop-pr` in its environment `42` both begin their names with. */
const STEM = "shop-pr-42";
const CREDENTIAL = "CLOUDFLARE_KV_CREDENTIAL_ID";

/** Makes a group with these variables and a namespace of that name; sorts both. */
async function separate(variables: Readonly<Record<string, string>> | undefined, environments: readonly string[] = []) {
  const { vendors, render, env } = emulateVendors();
  if (variables !== undefined) {
    const envVars = Object.entries(variables).map(([key, value]) => ({ key, value }));
    const answer = await render.fetch(
      new Request("https://api.render.com/v1/env-groups", {
        method: "POST",
        headers: { authorization: `Bearer ${env.RENDER_API_KEY}`, "content-type": "application/json" },
        body: JSON.stringify({ name: `${STEM}-cloudflare-kv`, ownerId: OWNER, envVars, serviceIds: [] }),
      }),
    );
    expect(answer.status).toBe(201);
  }
  const groups = await vendors.render.groups(OWNER);
  const objects = [
    ...groups.map(({ id, name }) => ({ kind: "group" as const, id, name, createdAt: 0 })),
    { kind: "namespace" as const, id: "n1", name: `${STEM}-cache`, createdAt: undefined },
    { kind: "token" as const, id: "t1", name: `${STEM}-application-a1`, createdAt: 0 },
  ];
  const files = environments.map((environment) => {
    const file = { environment, app: "shop-pr", kind: "development", access: "rest", accountId: ACCOUNT } as const;
    return [environment, { ...file, services: [], renderEnvironmentId: undefined }] as const;
  });
  const place = { app: "shop", namespaces: ["cache"], accountId: ACCOUNT, neighbours: new Map(files) };
  const { own, foreign } = await separateForeign(objects, place, vendors);
  return { own: own.map(({ kind }) => kind), foreign };
}

describe("a sweep among names that read like those of a preview", () => {
  it("takes what says that it is of the preview, and what goes with it", async () => {
    const { own, foreign } = await separate({ [CREDENTIAL]: "pr-42-application-a1" });
    expect({ own, foreign }).toEqual({ own: ["group", "namespace", "token"], foreign: [] });
    expect((await separate(undefined)).own).toEqual(["namespace", "token"]);
  });

  it("leaves the objects of another environment alone, of whichever project, and says whose they are", async () => {
    const { own, foreign } = await separate({ [CREDENTIAL]: "42-application-a1" });
    expect(own).toEqual([]);
    expect(foreign).toHaveLength(3);
    expect(foreign[0]).toContain("stays: it is of the environment 42");
    const described = await separate(undefined, ["42"]);
    expect({ own: described.own, count: described.foreign.length }).toEqual({ own: [], count: 2 });
  });

  it("leaves alone what says nothing of whose it is", async () => {
    const { own, foreign } = await separate({ COLOUR: "blue" });
    expect(own).toEqual([]);
    expect(foreign[0]).toContain("no variable of it says whose it is");
  });

  it("leaves a namespace alone that the group of another environment names", async () => {
    const { vendors } = emulateVendors();
    const held = { kind: "namespace" as const, id: "n7", name: `${STEM}-cache`, createdAt: undefined };
    const gateway = { id: "w1", name: "shop-dev-gateway" };
    const texts = { KVSHIFT_ENVIRONMENT: "dev", NAMESPACE_CACHE: JSON.stringify({ id: "n7" }) };
    const cloudflare = {
      workers: async () => [gateway],
      deployedVersions: async () => [{ id: "v1", percentage: 100 }],
      versionTexts: async () => new Map(Object.entries(texts)),
    };
    const place = { app: "shop", namespaces: ["cache"], accountId: ACCOUNT, neighbours: new Map() };
    const { own, foreign } = await separateForeign([held], place, { ...vendors, cloudflare });
    expect(own).toEqual([]);
    expect(foreign[0]).toContain("the Worker shop-dev-gateway serves it");
  });
});

describe("the configuration of an environment", () => {
  it.each([
    ["app", { app: "shop-pr" }, "42"],
    ["app", { app: "shop-pr-42" }, "dev"],
    ["app", { app: "shop" }, "eu-pr-42"],
    ["namespaces.pr-4-x", { "namespaces.pr-4-x": { consistency: "eventual", defaultTtlSeconds: 60 } }, "dev"],
  ])("refuses at %s names that read like those of a preview", (at, changes, environment) => {
    const problems = problemsOf(changed(developmentValues(), changes), { ...IN_DEVELOPMENT, environment });
    expect(problems.map((problem) => problem.at)).toEqual([`kvshift:${at}`]);
  });

  it.each([
    ["shop-pr", "dev"],
    ["shop", "42"],
    ["pr", "42"],
    ["shop-pro", "42"],
  ])("allows the application %s in the environment %s", (app, environment) => {
    const values = changed(developmentValues(), { app });
    expect(problemsOf(values, { ...IN_DEVELOPMENT, environment })).toEqual([]);
  });
});
