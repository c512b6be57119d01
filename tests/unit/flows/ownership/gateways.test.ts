import { describe, expect, it } from "vitest";

import { AppError } from "../../../../src/core/app-error.ts";
import { namespacesOfGateways } from "../../../../src/flows/ownership/gateways.ts";
import type { Self } from "../../../../src/flows/ownership/owners.ts";

const SELF: Self = {
  app: "brainbot",
  environment: "dev",
  groups: [],
  namespaces: [],
  neighbours: [{ app: "brainbot", environment: "prod", kind: "production" }],
};

const text = (id: string) => JSON.stringify({ name: "cache", id, title: "any" });

/** Cloudflare with these Workers: the variables of the version that each serves, or none where it was never deployed. */
function cloudflareWith(workers: Readonly<Record<string, Readonly<Record<string, string>> | undefined>>) {
  return {
    workers: async () => Object.keys(workers).map((name) => ({ id: `id of ${name}`, name })),
    deployedVersions: async (_account: string, name: string) =>
      workers[name] === undefined ? [] : [{ id: `version of ${name}`, percentage: 100 }],
    versionTexts: async (_account: string, id: string) => new Map(Object.entries(workers[id.slice(6)] ?? {})),
  };
}

const failing = (retryable: boolean) => ({
  ...cloudflareWith({}),
  workers: () => Promise.reject(new AppError("VENDOR_FAILED", { problem: "no", fix: "none", retryable })),
});

describe("namespacesOfGateways", () => {
  it("finds what the gateways of other environments serve, and whose they are", async () => {
    const held = await namespacesOfGateways(
      cloudflareWith({
        "brainbot-prod-gateway": {
          KVSHIFT_ENVIRONMENT: "prod",
          NAMESPACE_CACHE: text("n1"),
          NAMESPACE_LOCKS: text("n2"),
        },
        "shop-test-gateway": { KVSHIFT_ENVIRONMENT: "test", NAMESPACE_CACHE: text("n3"), CREDENTIAL_A: text("n9") },
        "brainbot-dev-gateway": { KVSHIFT_ENVIRONMENT: "dev", NAMESPACE_CACHE: text("n4") },
      }),
      "account",
      SELF,
    );
    expect([...(held ?? [])].map(([id, { who }]) => [id, who])).toEqual([
      ["n1", "the environment prod"],
      ["n2", "the environment prod"],
      ["n3", "the environment test, which no file of this project describes"],
    ]);
    expect(held?.get("n3")?.evidence).toBe("the Worker shop-test-gateway serves it");
  });

  it("takes no other Worker for a gateway, nor one that was never deployed", async () => {
    const held = await namespacesOfGateways(
      cloudflareWith({
        "api-gateway": { NAMESPACE_CACHE: text("n1") },
        "shop-old-gateway": undefined,
        "shop-odd-gateway": { KVSHIFT_ENVIRONMENT: "odd", NAMESPACE_A: "cache", NAMESPACE_B: "{}" },
        site: { KVSHIFT_ENVIRONMENT: "prod", NAMESPACE_CACHE: text("n2") },
      }),
      "account",
      SELF,
    );
    expect(held).toEqual(new Map());
  });

  it("says that it could not look where the key may not see Workers, and takes no failure for that", async () => {
    expect(await namespacesOfGateways(failing(false), "account", SELF)).toBeUndefined();
    await expect(namespacesOfGateways(failing(true), "account", SELF)).rejects.toMatchObject({ code: "VENDOR_FAILED" });
  });
});
