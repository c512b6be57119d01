import { describe, expect, it } from "vitest";

import { readDeployment } from "../../../src/state/deployment.ts";
import { readRecordedObjects } from "../../../src/state/objects.ts";

const URN = "urn:pulumi:dev::kvshift::";
const namespace = {
  urn: `${URN}cloudflare:index/workersKvNamespace:WorkersKvNamespace::cache`,
  type: "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
  id: "n1",
  inputs: { title: "brainbot-dev-cache" },
};
const token = {
  urn: `${URN}cloudflare:index/accountToken:AccountToken::application-a1`,
  type: "cloudflare:index/accountToken:AccountToken",
  id: "t1",
  inputs: { status: "disabled", expiresOn: "2027-01-01T00:00:00Z" },
};
const group = {
  urn: `${URN}render:index/envGroup:EnvGroup::kv`,
  type: "render:index/envGroup:EnvGroup",
  id: "evg-1",
  inputs: { envVars: { CLOUDFLARE_KV_PHASE: { value: { ciphertext: "v1:…" } } } },
};
const link = {
  urn: `${URN}render:index/envGroupLink:EnvGroupLink::kv`,
  type: "render:index/envGroupLink:EnvGroupLink",
  id: "missing ID",
  inputs: { envGroupId: "evg-1", serviceIds: ["srv-1"] },
  outputs: { envGroupId: "evg-1", serviceIds: ["srv-1"] },
};

describe("readRecordedObjects", () => {
  it("finds each object with the vendor's id; a link has the id of its group", () => {
    const resources = [
      { urn: `${URN}pulumi:pulumi:Stack::x`, type: "pulumi:pulumi:Stack" },
      namespace,
      token,
      group,
      link,
    ];
    expect(readRecordedObjects(readDeployment({ deployment: { resources } }))).toEqual({
      namespaces: [{ urn: namespace.urn, name: "cache", id: "n1", title: "brainbot-dev-cache" }],
      tokens: [
        { urn: token.urn, name: "application-a1", id: "t1", status: "disabled", expiresOn: "2027-01-01T00:00:00Z" },
      ],
      groups: [{ urn: group.urn, name: "kv", id: "evg-1", variables: ["CLOUDFLARE_KV_PHASE"] }],
      workers: [],
      workerVersions: [],
      customDomains: [],
      links: [{ urn: link.urn, name: "kv", id: "evg-1", services: ["srv-1"] }],
      pendingCreates: [],
    });
  });

  it("finds the Worker, the version that replaced the others, and the host name", () => {
    const ofType = (type: string, id: string, more = {}) => ({ urn: `${URN}${type}::gateway`, type, id, ...more });
    const version = "cloudflare:index/workerVersion:WorkerVersion";
    const resources = [
      ofType("cloudflare:index/worker:Worker", "w1"),
      ofType(version, "v1", { delete: true }),
      ofType(version, "v2"),
      ofType("cloudflare:index/workersCustomDomain:WorkersCustomDomain", "d1"),
    ];
    const { workers, workerVersions, customDomains } = readRecordedObjects(
      readDeployment({ deployment: { resources } }),
    );
    expect([workers, workerVersions, customDomains].map((found) => found.map(({ id }) => id))).toEqual([
      ["w1"],
      ["v2"],
      ["d1"],
    ]);
  });

  it("names creations that a broken run left open, and no other operation", () => {
    const operation = (type: string, urn: string) => ({ type, resource: { urn, type: "t" } });
    const pending = [operation("creating", "urn:created"), operation("deleting", "urn:deleted")];
    expect(readRecordedObjects(readDeployment({ deployment: { pending_operations: pending } })).pendingCreates).toEqual(
      ["urn:created"],
    );
  });

  it("reads the state of a stack that holds nothing", () => {
    const lists = [
      "namespaces",
      "tokens",
      "groups",
      "workers",
      "workerVersions",
      "customDomains",
      "links",
      "pendingCreates",
    ];
    const nothing = Object.fromEntries(lists.map((list) => [list, []]));
    expect(readRecordedObjects(readDeployment({ deployment: {} }))).toEqual(nothing);
    expect(readRecordedObjects(readDeployment({ deployment: { resources: null } }))).toEqual(nothing);
  });
});
