import { describe, expect, it } from "vitest";

import { Environment } from "../../../src/stack/environment.ts";
import { resolved, runWithMocks } from "../../support/pulumi-mocks.ts";
import { ACCOUNT_ID, behindGateway, bundle, development, only, passwordOf, secretOf, VENDORS } from "./vendors.ts";

const create = (config = development()) => {
  const args = { environment: "dev", config, apiUrl: undefined, bundle };
  return runWithMocks((opts) => new Environment("dev", args, opts), VENDORS);
};

describe("Environment", () => {
  it("creates namespaces, tokens of both roles, one group and one link, and nothing else", async () => {
    const { resources } = await create();
    expect(resources.map(({ type, name }) => `${type.split(":")[2] ?? ""} ${name}`)).toEqual([
      "AccountToken application-a1",
      "AccountToken operator-a1",
      "WorkersKvNamespace cache",
      "WorkersKvNamespace sessions",
      "Credentials dev",
      "Environment dev",
      "EnvironmentGroup dev",
      "Namespaces dev",
      "EnvGroup cloudflare-kv",
      "EnvGroupLink cloudflare-kv",
    ]);
  });

  it("hands the application's secret to the group, and never the operator's", async () => {
    const { resources } = await create();
    const group = only(resources, "group");
    expect(group.inputs).toMatchObject({
      envVars: {
        CLOUDFLARE_KV_API_TOKEN: { value: secretOf("application-a1") },
        CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS: { value: "sessions-id" },
      },
    });
    expect(JSON.stringify(group.inputs)).not.toContain(secretOf("operator-a1"));
  });

  it("says of itself what the policies need, and no secret", async () => {
    const { resources, result } = await create();
    const component = resources.find(({ type }) => type === "kvshift:index:Environment");
    expect(component).toMatchObject({
      inputs: {
        app: "brainbot",
        environment: "dev",
        kind: "development",
        phase: "kv",
        access: "rest",
        accountId: ACCOUNT_ID,
      },
      secrets: [],
    });
    expect((await resolved(result.variables.plain)).secret).toBe(false);
  });
});

describe("Environment behind the gateway", () => {
  it("creates a Worker and passwords in place of tokens, and nothing else", async () => {
    const { resources } = await create(behindGateway());
    expect(resources.map(({ type, name }) => `${type.split(":")[2] ?? ""} ${name}`)).toEqual([
      "Worker gateway",
      "WorkerVersion gateway",
      "WorkersKvNamespace cache",
      "WorkersKvNamespace sessions",
      "Environment dev",
      "EnvironmentGroup dev",
      "Gateway dev",
      "GatewayCredentials dev",
      "Namespaces dev",
      "RandomPassword application-a1",
      "RandomPassword operator-a1",
      "EnvGroup cloudflare-kv",
      "EnvGroupLink cloudflare-kv",
    ]);
  });

  it("hands the gateway's address and a credential of it to the group, never the operator's", async () => {
    const { resources } = await create(behindGateway());
    const group = only(resources, "group");
    expect(group.inputs).toMatchObject({
      envVars: {
        CLOUDFLARE_KV_API_URL: { value: "https://brainbot-dev-gateway.brainbot.workers.dev/client/v4" },
        CLOUDFLARE_KV_API_TOKEN: { value: `kvs_dev-application-a1_${passwordOf("application-a1")}` },
        CLOUDFLARE_KV_CREDENTIAL_ID: { value: "dev-application-a1" },
      },
    });
    expect(JSON.stringify(group.inputs)).not.toContain(passwordOf("operator-a1"));
  });

  it("bundles no Worker without a gateway", async () => {
    const args = { environment: "dev", config: development(), apiUrl: undefined };
    const unwanted = () => Promise.reject(new Error("bundled"));
    const { result } = await runWithMocks(
      (opts) => new Environment("dev", { ...args, bundle: unwanted }, opts),
      VENDORS,
    );
    expect(result.gateway).toBeUndefined();
  });

  it("gives the variables to nobody before the version is deployed that knows their credential", async () => {
    const { resources, result } = await create(behindGateway());
    expect(only(resources, "group").options.dependsOn).toEqual([result.gateway?.version]);
    expect(only((await create()).resources, "group").options.dependsOn).toEqual([]);
  });
});
