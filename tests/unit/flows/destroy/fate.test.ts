import { describe, expect, it } from "vitest";

import { fateOf } from "../../../../src/flows/destroy/fate.ts";
import { readDeployment } from "../../../../src/state/deployment.ts";

const resource = (type: string, name: string, more: object = {}) => ({
  urn: `urn:pulumi:prod::kvshift::${type}::${name}`,
  type,
  ...more,
});
const STATE = readDeployment({
  deployment: {
    resources: [
      resource("pulumi:pulumi:Stack", "kvshift-prod"),
      resource("kvshift:index:Gateway", "prod"),
      resource("cloudflare:index/workersKvNamespace:WorkersKvNamespace", "cache", {
        protect: true,
        retainOnDelete: true,
      }),
      resource("cloudflare:index/workerVersion:WorkerVersion", "gateway", { delete: true }),
      resource("cloudflare:index/workerVersion:WorkerVersion", "gateway", { retainOnDelete: true }),
      resource("random:index/randomPassword:RandomPassword", "application-a1", { protect: true }),
      resource("render:index/envGroup:EnvGroup", "cloudflare-kv"),
    ],
  },
});

describe("fateOf", () => {
  it("leaves in production what is protected and what its vendor keeps", () => {
    expect(fateOf(STATE, true)).toEqual({
      goes: ["environment group cloudflare-kv"],
      stays: ["KV namespace cache", "Worker version gateway", "gateway credential application-a1"],
    });
  });

  it("takes everything elsewhere", () => {
    const { goes, stays } = fateOf(STATE, false);
    expect({ goes: goes.length, stays }).toEqual({ goes: 4, stays: [] });
  });
});
