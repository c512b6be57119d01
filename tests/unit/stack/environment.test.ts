import { describe, expect, it } from "vitest";

import { Environment } from "../../../src/stack/environment.ts";
import { resolved, runWithMocks } from "../../support/pulumi-mocks.ts";
import { ACCOUNT_ID, development, only, secretOf, VENDORS } from "./vendors.ts";

const create = () => {
  const args = { environment: "dev", config: development(), apiUrl: undefined };
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
