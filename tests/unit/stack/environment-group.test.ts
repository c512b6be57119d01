import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";

import type { EnvironmentConfig } from "../../../src/config/schema.ts";
import { EnvironmentGroup } from "../../../src/stack/environment-group.ts";
import { resolved, runWithMocks } from "../../support/pulumi-mocks.ts";
import { changed, developmentValues } from "../config/valid-configuration.ts";
import { configOf, development, only } from "./vendors.ts";

const create = (config: EnvironmentConfig) =>
  runWithMocks((opts) => {
    const variables = {
      plain: { CLOUDFLARE_KV_PHASE: "kv", CLOUDFLARE_KV_NAMESPACE_ID_CACHE: pulumi.output("id-of-cache") },
      secret: { CLOUDFLARE_KV_API_TOKEN: pulumi.secret("fake".repeat(10)) },
    };
    return new EnvironmentGroup("dev", { environment: "dev", config, variables }, opts);
  });

describe("EnvironmentGroup", () => {
  it("holds every variable, each value secret by itself and no key", async () => {
    const group = only((await create(development())).resources, "group");
    expect(group.inputs).toEqual({
      name: "brainbot-dev-cloudflare-kv",
      envVars: {
        CLOUDFLARE_KV_PHASE: { value: "kv" },
        CLOUDFLARE_KV_NAMESPACE_ID_CACHE: { value: "id-of-cache" },
        CLOUDFLARE_KV_API_TOKEN: { value: "fake".repeat(10) },
      },
    });
    const variables = group.args["envVars"] as Record<string, { readonly value: pulumi.Output<string> }>;
    expect(pulumi.Output.isInstance(variables)).toBe(false);
    const marks = await Promise.all(Object.values(variables).map(({ value }) => pulumi.isSecret(value)));
    expect(marks).toEqual([true, true, true]);
  });

  it("keeps secret what Render answers, too", async () => {
    const group = only((await create(development())).resources, "group");
    expect(group.options).toEqual({ additionalSecretOutputs: ["envVars"], dependsOn: [] });
  });

  it("is linked to all services by one link", async () => {
    const services = ["srv-d0000000000000000001", "srv-d0000000000000000002", "srv-d0000000000000000003"];
    const config = configOf(changed(developmentValues(), { "render.services": services }));
    const { resources, result } = await create(config);
    expect(only(resources, "link").inputs).toEqual({ envGroupId: "cloudflare-kv-id", serviceIds: services });
    expect(await resolved(result.groupId)).toEqual({ value: "cloudflare-kv-id", secret: false });
    expect(result.groupName).toBe("brainbot-dev-cloudflare-kv");
  });

  it("belongs to an environment of a Render project where one is named", async () => {
    const environmentId = "evm-d0000000000000000001";
    const config = configOf(changed(developmentValues(), { "render.environmentId": environmentId }));
    expect(only((await create(config)).resources, "group").inputs["environmentId"]).toBe(environmentId);
  });
});
