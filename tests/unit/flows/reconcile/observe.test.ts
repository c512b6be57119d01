import { describe, expect, it } from "vitest";

import type { Access } from "../../../../src/core/names.ts";
import { observe } from "../../../../src/flows/reconcile/observe.ts";
import { readDeployment } from "../../../../src/state/deployment.ts";
import { type RecordedObjects, readRecordedObjects } from "../../../../src/state/objects.ts";
import type { Vendors } from "../../../../src/vendors/endpoints.ts";

const ACCOUNT = "0d3a".repeat(8);
const WORKER = { id: "w1", name: "brainbot-dev-gateway" };
const object = (id: string) => ({ urn: `urn:${id}`, name: "gateway", id });
const NOTHING = readRecordedObjects(readDeployment({ deployment: {} }));

/** Vendors that have one Worker and nothing else, and remember what they were asked. */
async function look(access: Access, recorded: Partial<RecordedObjects> = {}) {
  const asked: string[] = [];
  const cloudflare = {
    namespaces: async () => [],
    tokens: async () => {
      asked.push("tokens");
      return [];
    },
    worker: async (_account: string, idOrName: string) => {
      asked.push(`worker ${idOrName}`);
      return Object.values(WORKER).includes(idOrName) ? WORKER : undefined;
    },
    deployedVersions: async () => [{ id: "v1", percentage: 100 }],
    hostNames: async () => {
      asked.push("host names");
      return [];
    },
    versionTexts: async () => new Map([["KVSHIFT_ENVIRONMENT", "dev"]]),
  };
  const render = { groups: async () => [], group: async () => undefined, blueprints: async () => [] };
  const config = {
    app: "brainbot",
    access,
    cloudflare: { accountId: ACCOUNT },
    render: { ownerId: "tea-d0000000000000000001", services: [] },
  };
  const found = await observe({ cloudflare, render } as unknown as Vendors, {
    environment: "dev",
    config,
    recorded: { ...NOTHING, ...recorded },
    neighbours: { known: [], unreadable: [] },
  });
  return { asked: asked.toSorted(), workers: found.workers, served: [...found.servedByWorkers] };
}

describe("observe", () => {
  it("asks for the Worker of the environment's name behind the gateway, and for no tokens: there are none", async () => {
    expect(await look("gateway")).toMatchObject({ asked: ["worker brainbot-dev-gateway"], workers: [WORKER] });
  });

  it("asks for tokens and for no Worker without a gateway", async () => {
    expect(await look("rest")).toEqual({ asked: ["tokens"], workers: [], served: [] });
  });

  it("asks for what the state knows, whatever the access is now", async () => {
    expect((await look("rest", { workers: [object("w1")] })).asked).toEqual(["tokens", "worker w1"]);
    expect((await look("gateway", { tokens: [object("t1")] })).asked).toContain("tokens");
  });

  it("asks which environment a Worker serves that the state does not know, and only that one", async () => {
    expect((await look("gateway")).served).toEqual([["w1", "dev"]]);
    expect((await look("gateway", { workers: [object("w1")] })).served).toEqual([]);
  });

  it("finds a Worker once that it knows by name and by id, and none that is gone", async () => {
    expect((await look("gateway", { workers: [object("w1")] })).workers).toEqual([WORKER]);
    expect((await look("gateway", { workers: [object("w9")] })).workers).toEqual([WORKER]);
    expect((await look("rest", { workers: [object("w9")] })).workers).toEqual([]);
  });
});
