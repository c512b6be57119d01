import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";

import type { EnvironmentConfig } from "../../../src/config/schema.ts";
import { knownBindings, readConfig } from "../../../src/gateway/bindings.ts";
import { COMPATIBILITY_DATE, Gateway } from "../../../src/stack/gateway.ts";
import { type RegisteredResource, runWithMocks } from "../../support/pulumi-mocks.ts";
import {
  ACCOUNT_ID,
  behindGateway,
  bundle,
  MODULE,
  ofType,
  only,
  productionBehindGateway,
  VENDORS,
} from "./vendors.ts";

const ZONE = "0d3a".repeat(8);
const NAMED = { "cloudflare.hostname": "kv.example.com", "cloudflare.zoneId": ZONE };

interface Binding {
  readonly type: string;
  readonly name: string;
  readonly text?: string;
}

const create = (config: EnvironmentConfig, environment = "dev", adopt?: string) =>
  runWithMocks((opts) => {
    const namespaceIds = Object.fromEntries(
      Object.keys(config.namespaces).map((name) => [name, pulumi.output(`id-of-${name}`)]),
    );
    const known = (id: string) => pulumi.output(JSON.stringify({ id, namespaces: Object.keys(config.namespaces) }));
    const credentials = {
      issued: [
        { role: "operator", slot: "a", secret: pulumi.secret(""), config: known("dev-operator-a1") },
        { role: "application", slot: "b", secret: pulumi.secret(""), config: known("dev-application-b2") },
      ] as const,
    };
    return new Gateway(environment, { environment, config, namespaceIds, credentials, bundle, adopt }, opts);
  }, VENDORS);

const bindingsOf = ({ inputs }: RegisteredResource) => inputs["bindings"] as readonly Binding[];

describe("Gateway", () => {
  it("is a Worker under workers.dev, without previews, with its log", async () => {
    const { resources, result } = await create(behindGateway());
    expect(only(resources, "worker")).toMatchObject({
      inputs: {
        accountId: ACCOUNT_ID,
        name: "brainbot-dev-gateway",
        subdomain: { enabled: true, previewsEnabled: false },
        observability: { enabled: true },
      },
      options: { protect: false, retainOnDelete: false },
    });
    expect(ofType(resources, "domain")).toEqual([]);
    expect(result.url).toBe("https://brainbot-dev-gateway.brainbot.workers.dev");
  });

  it("has its own host name instead, once a version is deployed", async () => {
    const { resources, result } = await create(behindGateway(NAMED));
    expect(only(resources, "worker").inputs["subdomain"]).toEqual({ enabled: false, previewsEnabled: false });
    expect(only(resources, "domain")).toMatchObject({
      inputs: { accountId: ACCOUNT_ID, hostname: "kv.example.com", zoneId: ZONE, service: "brainbot-dev-gateway" },
    });
    expect(only(resources, "domain").options.dependsOn).toEqual([result.version]);
  });

  it("deploys one version: the bundle, both classes of objects, a fixed date of the runtime", async () => {
    const version = only((await create(behindGateway())).resources, "version");
    const { bindings: _, ...inputs } = version.inputs;
    expect(inputs).toEqual({
      accountId: ACCOUNT_ID,
      workerId: "gateway-id",
      mainModule: "gateway.js",
      modules: [
        {
          name: "gateway.js",
          contentType: "application/javascript+module",
          contentBase64: Buffer.from(MODULE).toString("base64"),
        },
      ],
      exports: {
        Shard: { type: "durable-object", storage: "sqlite" },
        Ledger: { type: "durable-object", storage: "sqlite" },
      },
      compatibilityDate: COMPATIBILITY_DATE,
      deploy: true,
    });
    expect(version.secrets).toEqual([]);
  });

  it("binds each eventual namespace, the objects, and a variable for each namespace and credential, by name", async () => {
    const config = behindGateway({ "cloudflare.locationHint": "weur", "namespaces.sessions.shards": 4 });
    const bindings = bindingsOf(only((await create(config)).resources, "version"));
    expect(bindings.map(({ type, name }) => `${type} ${name}`)).toEqual([
      "plain_text CREDENTIAL_APPLICATION_B",
      "plain_text CREDENTIAL_OPERATOR_A",
      "plain_text KVSHIFT_ACCOUNT_ID",
      "plain_text KVSHIFT_ENVIRONMENT",
      "plain_text KVSHIFT_LOCATION_HINT",
      "kv_namespace KV_CACHE",
      "durable_object_namespace LEDGER",
      "plain_text NAMESPACE_CACHE",
      "plain_text NAMESPACE_SESSIONS",
      "durable_object_namespace SHARDS",
    ]);
    expect(bindings.filter(({ type }) => type !== "plain_text")).toEqual([
      { type: "kv_namespace", name: "KV_CACHE", namespaceId: "id-of-cache" },
      { type: "durable_object_namespace", name: "LEDGER", className: "Ledger" },
      { type: "durable_object_namespace", name: "SHARDS", className: "Shard" },
    ]);
  });

  it("tells the Worker what the Worker reads", async () => {
    const bindings = bindingsOf(only((await create(behindGateway())).resources, "version"));
    const texts = bindings.flatMap(({ name, text }) => (text === undefined ? [] : [[name, text]]));
    expect(readConfig(Object.fromEntries(texts))).toEqual({
      environment: "dev",
      accountId: ACCOUNT_ID,
      namespaces: [
        { name: "cache", id: "id-of-cache", title: "brainbot-dev-cache", consistency: "eventual", cacheTtlSeconds: 60 },
        { name: "sessions", id: "id-of-sessions", title: "brainbot-dev-sessions", consistency: "strong", shards: 16 },
      ],
      credentials: ["dev-application-b2", "dev-operator-a1"].map((id) => ({ id, namespaces: ["sessions", "cache"] })),
    });
  });

  it("binds nothing but what policies admit and the Worker reads", async () => {
    const bindings = bindingsOf(only((await create(behindGateway())).resources, "version"));
    const known = knownBindings(["sessions", "cache"]);
    expect(bindings.filter(({ name, type }) => known.get(name)?.type !== type)).toEqual([]);
  });

  it("keeps the Worker in production, and lets its versions follow each other", async () => {
    const { resources } = await create(productionBehindGateway(), "prod");
    expect(only(resources, "worker").options).toEqual({ protect: true, retainOnDelete: true });
    expect(only(resources, "version").options).toEqual({ retainOnDelete: true });
  });

  it("takes up a Worker that exists", async () => {
    const { resources } = await create(behindGateway(), "dev", "w9");
    expect(only(resources, "worker").options.import).toBe(`${ACCOUNT_ID}/w9`);
    expect(only(resources, "version").options).not.toHaveProperty("import");
  });
});
