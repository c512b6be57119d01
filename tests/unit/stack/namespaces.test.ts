import { describe, expect, it } from "vitest";

import { Namespaces } from "../../../src/stack/namespaces.ts";
import { COMPONENT_TYPES } from "../../../src/stack/types.ts";
import { resolved, runWithMocks } from "../../support/pulumi-mocks.ts";
import { ACCOUNT_ID, behindGateway, development, ofType, production } from "./vendors.ts";

describe("Namespaces", () => {
  it("creates each namespace in the account, titled after application, environment and name", async () => {
    const args = { environment: "dev", config: development() };
    const { resources, result } = await runWithMocks((opts) => new Namespaces("dev", args, opts));
    expect(ofType(resources, "namespace").map(({ name, inputs }) => [name, inputs])).toEqual([
      ["cache", { accountId: ACCOUNT_ID, title: "brainbot-dev-cache" }],
      ["sessions", { accountId: ACCOUNT_ID, title: "brainbot-dev-sessions" }],
    ]);
    const ids = await resolved(result.ids);
    expect(ids).toEqual({ value: { sessions: "sessions-id", cache: "cache-id" }, secret: false });
  });

  it("registers the consistency class of each, which no vendor keeps", async () => {
    const args = { environment: "dev", config: development() };
    const { resources } = await runWithMocks((opts) => new Namespaces("dev", args, opts));
    const component = resources.find(({ type }) => type === COMPONENT_TYPES.namespaces);
    expect(component?.inputs).toEqual({ consistency: { sessions: "eventual", cache: "eventual" } });
  });

  it("registers over how many objects strong keys are spread, said or not", async () => {
    const config = behindGateway({ "namespaces.locks": { consistency: "strong", defaultTtlSeconds: 1, shards: 2 } });
    const { resources } = await runWithMocks((opts) => new Namespaces("dev", { environment: "dev", config }, opts));
    const component = resources.find(({ type }) => type === COMPONENT_TYPES.namespaces);
    expect(component?.inputs).toEqual({
      consistency: { sessions: "strong", cache: "eventual", locks: "strong" },
      shards: { sessions: 16, locks: 2 },
    });
  });

  it("protects them in production and keeps their data when they leave the program", async () => {
    const args = { environment: "prod", config: production() };
    const { resources } = await runWithMocks((opts) => new Namespaces("prod", args, opts));
    const kept = { protect: true, retainOnDelete: true };
    expect(ofType(resources, "namespace").map(({ options }) => options)).toEqual([kept, kept]);
  });

  it("lets them go elsewhere", async () => {
    const args = { environment: "dev", config: development() };
    const { resources } = await runWithMocks((opts) => new Namespaces("dev", args, opts));
    const free = { protect: false, retainOnDelete: false };
    expect(ofType(resources, "namespace").map(({ options }) => options)).toEqual([free, free]);
  });
});
