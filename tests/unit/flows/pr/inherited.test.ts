import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { Secret } from "../../../../src/core/secret.ts";
import { lookAtInheritance, refuseInheritance } from "../../../../src/flows/pr/inherited.ts";
import type { Render, RenderGroup } from "../../../../src/vendors/render.ts";

const SERVICE = { id: "srv-preview", name: "web PR #42", parent: "srv-web", url: undefined };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kvshift-inherited-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function group(name: string, variables: Readonly<Record<string, string>>, services: readonly string[]): RenderGroup {
  return {
    id: `evg-${name}`,
    name,
    ownerId: "tea",
    createdAt: "2026-11-23T00:00:00Z",
    serviceLinks: services.map((id) => ({ id, name: id })),
    envVars: Object.entries(variables).map(([key, value]) => ({ key, value: new Secret(value) })),
    secretFiles: [],
  };
}

async function look(groups: readonly RenderGroup[], variables: readonly string[] = []) {
  const render: Pick<Render, "groups" | "group" | "serviceVariables"> = {
    groups: () => Promise.resolve([...groups]),
    group: (id) => Promise.resolve(groups.find((one) => one.id === id)),
    serviceVariables: () => Promise.resolve(variables.map((key) => ({ key, value: new Secret("x") }))),
  };
  const environment = {
    name: "pr-42",
    config: { app: "shop", render: { ownerId: "tea", services: ["srv-preview"] } },
    project: { folder, name: "shop", backendUrl: undefined },
    session: { exportState: () => Promise.resolve({ resources: [], pending: [], stack: undefined }) },
  };
  return lookAtInheritance(environment as never, { render } as never, [SERVICE]);
}

const credential = (environment: string) => ({ CLOUDFLARE_KV_CREDENTIAL_ID: `${environment}-application-a1` });

describe("what a preview service inherited", () => {
  it("is nothing where it has its own group, and one of people without our variables", async () => {
    const own = group("shop-pr-42-cloudflare-kv", credential("pr-42"), ["srv-preview"]);
    const people = group("common", { LOG_LEVEL: "debug" }, ["srv-preview", "srv-web"]);
    expect(await look([own, people])).toEqual({ links: [], refusals: [] });
  });

  it("is the link to the group of its parent's environment, on this service alone", async () => {
    const dev = group("shop-dev-cloudflare-kv", credential("dev"), ["srv-web", "srv-preview", "srv-other"]);
    expect(await look([dev])).toEqual({
      links: [{ groupId: dev.id, groupName: dev.name, serviceId: "srv-preview" }],
      refusals: [],
    });
  });

  it("is refused where the service is that of another request of the same branch", async () => {
    const other = group("shop-pr-41-cloudflare-kv", credential("pr-41"), ["srv-preview"]);
    const { refusals } = await look([other]);
    expect(refusals).toEqual([
      expect.stringContaining("srv-preview is linked to shop-pr-41-cloudflare-kv, the group of "),
    ]);
  });

  it("is refused where its parent is linked to a group of production", async () => {
    const inheritance = await look([group("shop-prod-cloudflare-kv", credential("prod"), ["srv-web", "srv-preview"])]);
    expect(inheritance.refusals).toHaveLength(1);
    expect(inheritance.refusals[0]).toContain("srv-web is linked to shop-prod-cloudflare-kv");
    expect(() => {
      refuseInheritance("pr-42", inheritance);
    }).toThrow(expect.objectContaining({ code: "PREVIEW_REFUSED" }));
  });

  it("is refused where the service itself, or a group of people, gives a variable that is to be replaced", async () => {
    const people = group("redis", { UPSTASH_REDIS_REST_URL: "u" }, ["srv-web", "srv-preview"]);
    const { refusals } = await look([people], ["CLOUDFLARE_KV_API_TOKEN", "PORT"]);
    expect(refusals).toEqual([
      "CLOUDFLARE_KV_API_TOKEN is a variable of the service web PR #42 itself, and would win over the group's",
      "the group redis gives UPSTASH_REDIS_REST_URL too",
    ]);
  });
});
