import { describe, expect, it } from "vitest";

import { Environment } from "../../../src/stack/environment.ts";
import { stackOutputs } from "../../../src/stack/outputs.ts";
import { resolved, runWithMocks } from "../../support/pulumi-mocks.ts";
import { changed, developmentValues } from "../config/valid-configuration.ts";
import { ACCOUNT_ID, behindGateway, bundle, configOf, development, passwordOf, secretOf, VENDORS } from "./vendors.ts";

async function outputsOf(config = development()) {
  const { result } = await runWithMocks((opts) => {
    const environment = new Environment("dev", { environment: "dev", config, apiUrl: undefined, bundle }, opts);
    return stackOutputs("dev", config, environment);
  }, VENDORS);
  const entries = Object.entries(result).map(async ([name, output]) => [name, await resolved(output)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

const DATES = { mintedAt: "2026-11-23T00:00:00Z", expiresAt: "never" };

describe("stackOutputs", () => {
  it("tell what exists", async () => {
    const { environment, namespaces, environmentGroup } = await outputsOf();
    expect(environment?.value).toEqual({
      name: "dev",
      app: "brainbot",
      kind: "development",
      access: "rest",
      phase: "kv",
      readShare: 100,
      form: 1,
      accountId: ACCOUNT_ID,
    });
    expect(namespaces?.value).toEqual({
      sessions: { id: "sessions-id", title: "brainbot-dev-sessions", consistency: "eventual" },
      cache: { id: "cache-id", title: "brainbot-dev-cache", consistency: "eventual" },
    });
    expect(environmentGroup?.value).toEqual({
      id: "cloudflare-kv-id",
      name: "brainbot-dev-cloudflare-kv",
      services: ["srv-d0000000000000000001"],
    });
  });

  it("tell both slots of each role, with the ids of their credentials and the rotation under way", async () => {
    const config = configOf(
      changed(developmentValues(), {
        "credentials.application.rotation": "rotate-7",
        "credentials.application.slots.b": { epoch: 4, state: "live", ...DATES },
      }),
    );
    const { credentials } = await outputsOf(config);
    expect(credentials?.value).toEqual({
      application: {
        active: "a",
        rotation: "rotate-7",
        slots: {
          a: { id: "dev-application-a1", epoch: 1, state: "live", ...DATES },
          b: { id: "dev-application-b4", epoch: 4, state: "live", ...DATES },
        },
      },
      operator: {
        active: "a",
        slots: {
          a: { id: "dev-operator-a1", epoch: 1, state: "live", ...DATES },
          b: { id: "dev-operator-b0", epoch: 0, state: "empty" },
        },
      },
    });
  });

  it("are secret where they hold a secret, and only there", async () => {
    const outputs = await outputsOf();
    const marks = Object.entries(outputs).map(([name, { secret }]) => [name, secret]);
    expect(Object.fromEntries(marks)).toEqual({
      environment: false,
      namespaces: false,
      credentials: false,
      environmentGroup: false,
      gateway: false,
      variables: false,
      secretVariables: true,
    });
    expect(outputs["secretVariables"]?.value).toEqual({ CLOUDFLARE_KV_API_TOKEN: secretOf("application-a1") });
    const { secretVariables: _, ...plain } = outputs;
    expect(JSON.stringify(plain)).not.toContain(secretOf("application-a1"));
  });

  it("tell nothing of a gateway where there is none", async () => {
    expect((await outputsOf())["gateway"]).toEqual({ value: undefined, secret: false });
  });

  it("tell where the gateway is, what it serves, and over how many objects strong keys are spread", async () => {
    const { gateway, namespaces, secretVariables } = await outputsOf(
      behindGateway({ "namespaces.sessions.shards": 4 }),
    );
    expect(gateway).toEqual({
      secret: false,
      value: {
        workerName: "brainbot-dev-gateway",
        workerId: "gateway-id",
        versionId: "gateway-id",
        url: "https://brainbot-dev-gateway.brainbot.workers.dev",
      },
    });
    expect(namespaces?.value).toEqual({
      sessions: { id: "sessions-id", title: "brainbot-dev-sessions", consistency: "strong", shards: 4 },
      cache: { id: "cache-id", title: "brainbot-dev-cache", consistency: "eventual" },
    });
    expect(secretVariables).toEqual({
      secret: true,
      value: { CLOUDFLARE_KV_API_TOKEN: `kvs_dev-application-a1_${passwordOf("application-a1")}` },
    });
  });
});
