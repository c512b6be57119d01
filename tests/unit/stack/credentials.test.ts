import { describe, expect, it } from "vitest";

import type { EnvironmentConfig } from "../../../src/config/schema.ts";
import { Credentials } from "../../../src/stack/credentials.ts";
import { resolved, runWithMocks } from "../../support/pulumi-mocks.ts";
import { changed, developmentValues } from "../config/valid-configuration.ts";
import { ACCOUNT_ID, configOf, development, ofType, production, secretOf, VENDORS, WRITE_GROUP_ID } from "./vendors.ts";

const DATES = { mintedAt: "2026-11-23T00:00:00Z", expiresAt: "2027-11-23T00:00:00Z" };

const create = (config: EnvironmentConfig, environment = "dev") =>
  runWithMocks((opts) => new Credentials(environment, { environment, config }, opts), VENDORS);

async function tokensOf(config: EnvironmentConfig, environment = "dev") {
  const { resources } = await create(config, environment);
  return ofType(resources, "token");
}

describe("Credentials", () => {
  it("mints a token for each slot that is not empty, and none for an empty one", async () => {
    const config = configOf(
      changed(developmentValues(), {
        "credentials.application.active": "b",
        "credentials.application.slots.a": { epoch: 3, state: "draining", ...DATES },
        "credentials.application.slots.b": { epoch: 12, state: "live", ...DATES },
      }),
    );
    const tokens = await tokensOf(config);
    expect(tokens.map(({ name, inputs, options }) => [name, inputs["name"], options.protect])).toEqual([
      ["application-a3", "brainbot-dev-application-a3", false],
      ["application-b12", "brainbot-dev-application-b12", true],
      ["operator-a1", "brainbot-dev-operator-a1", true],
    ]);
  });

  it("disables the token of a suspended slot, and says of a draining one that it is active, as it may have been disabled", async () => {
    const statusAs = async (state: string) => {
      const config = configOf(
        changed(developmentValues(), { "credentials.application.slots.b": { epoch: 3, state, ...DATES } }),
      );
      const tokens = await tokensOf(config);
      return tokens.map(({ name, inputs, options }) => [name, inputs["status"], options.protect]);
    };
    const rest = [
      ["application-a1", undefined, true],
      ["operator-a1", undefined, true],
    ];
    expect(await statusAs("suspended")).toEqual(
      expect.arrayContaining([["application-b3", "disabled", false], ...rest]),
    );
    expect(await statusAs("draining")).toEqual(expect.arrayContaining([["application-b3", "active", false], ...rest]));
  });

  it("allows each token one thing: to write KV in one account, which is how the API answers it", async () => {
    const [token] = await tokensOf(development());
    expect(token?.inputs).toEqual({
      accountId: ACCOUNT_ID,
      name: "brainbot-dev-application-a1",
      policies: [
        {
          effect: "allow",
          permissionGroups: [{ id: WRITE_GROUP_ID }],
          resources: `{"com.cloudflare.api.account.${ACCOUNT_ID}":"*"}`,
        },
      ],
    });
  });

  it("limits each role's token in production to its dates and networks", async () => {
    const tokens = await tokensOf(production(), "prod");
    expect(tokens.map(({ inputs }) => [inputs["name"], inputs["expiresOn"], inputs["condition"]])).toEqual([
      ["brainbot-prod-application-a1", "2027-11-23T00:00:00Z", { requestIp: { ins: ["203.0.113.10/32"] } }],
      ["brainbot-prod-operator-a1", "2027-11-23T00:00:00Z", { requestIp: { ins: ["2001:db8::20/128"] } }],
    ]);
  });

  it("gives out the secret of the active slot, marked as secret", async () => {
    const { result } = await create(development());
    const secret = await resolved(result.activeSecret("application", "a"));
    expect(secret).toEqual({ value: secretOf("application-a1"), secret: true });
  });

  it("does not give out what an empty slot does not hold", async () => {
    const { result } = await create(development());
    expect(() => result.activeSecret("operator", "b")).toThrow("the active slot b of operator holds no token");
  });
});
