import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import type { EnvironmentConfig } from "../../../src/config/schema.ts";
import { GatewayCredentials } from "../../../src/stack/gateway-credentials.ts";
import { resolved, runWithMocks } from "../../support/pulumi-mocks.ts";
import { behindGateway, ofType, passwordOf, productionBehindGateway, VENDORS } from "./vendors.ts";

const DATES = { mintedAt: "2026-11-23T00:00:00Z", expiresAt: "2027-11-23T00:00:00Z" };

const create = (config: EnvironmentConfig, environment = "dev") =>
  runWithMocks((opts) => new GatewayCredentials(environment, { environment, config }, opts), VENDORS);

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

async function known(config: EnvironmentConfig, environment = "dev") {
  const { result } = await create(config, environment);
  return Promise.all(result.issued.map((issued) => resolved(issued.config)));
}

describe("GatewayCredentials", () => {
  it("makes a password of letters and digits for each slot that is live or draining, and protects the live ones", async () => {
    const config = behindGateway({
      "credentials.application.active": "b",
      "credentials.application.slots.a": { epoch: 3, state: "draining", ...DATES },
      "credentials.application.slots.b": { epoch: 12, state: "live", ...DATES },
    });
    const passwords = ofType((await create(config)).resources, "password");
    expect(passwords.map(({ name, inputs, options }) => [name, inputs, options.protect])).toEqual([
      ["application-a3", { length: 48, special: false, keepers: { epoch: "3" } }, false],
      ["application-b12", { length: 48, special: false, keepers: { epoch: "12" } }, true],
      ["operator-a1", { length: 48, special: false, keepers: { epoch: "1" } }, true],
    ]);
  });

  it("gives out the secret of the active slot with its id, marked as secret", async () => {
    const { result } = await create(behindGateway());
    expect(await resolved(result.activeSecret("application", "a"))).toEqual({
      value: `kvs_dev-application-a1_${passwordOf("application-a1")}`,
      secret: true,
    });
  });

  it("does not give out what an empty slot does not hold", async () => {
    const { result } = await create(behindGateway());
    expect(() => result.activeSecret("operator", "b")).toThrow("the active slot b of operator holds no credential");
  });

  it("tells the gateway the hash of the whole credential and what it may do, which is no secret", async () => {
    const [application, operator, ...others] = await known(behindGateway());
    expect(others).toEqual([]);
    expect([application?.secret, operator?.secret]).toEqual([false, false]);
    expect(JSON.parse(String(application?.value))).toEqual({
      id: "dev-application-a1",
      role: "application",
      sha256: sha256(`kvs_dev-application-a1_${passwordOf("application-a1")}`),
      namespaces: ["cache", "sessions"],
      access: "write",
    });
    expect(JSON.parse(String(operator?.value))).toMatchObject({ id: "dev-operator-a1", role: "operator" });
    expect(`${String(application?.value)}${String(operator?.value)}`).not.toContain("Fake");
  });

  it("tells it until when and from where in production", async () => {
    const [application] = await known(productionBehindGateway(), "prod");
    expect(JSON.parse(String(application?.value))).toMatchObject({
      id: "prod-application-a1",
      expiresAt: "2027-11-23T00:00:00Z",
      allowedIps: ["203.0.113.10/32"],
    });
  });

  it("tells the gateway which credential is suspended, and keeps its secret", async () => {
    const suspended = { epoch: 3, state: "suspended", ...DATES };
    const config = behindGateway({ "credentials.application.slots.b": suspended });
    const issued = (await known(config)).map(({ value }) => JSON.parse(String(value)) as Record<string, unknown>);
    expect(issued.map(({ id, suspended: is }) => [id, is])).toEqual([
      ["dev-application-a1", undefined],
      ["dev-application-b3", true],
      ["dev-operator-a1", undefined],
    ]);
  });

  it("lets a draining credential go on as it was", async () => {
    const draining = { epoch: 3, state: "draining", ...DATES };
    const issued = await known(behindGateway({ "credentials.application.slots.b": draining }));
    expect(issued.map(({ value }) => (JSON.parse(String(value)) as { id: string }).id)).toEqual([
      "dev-application-a1",
      "dev-application-b3",
      "dev-operator-a1",
    ]);
  });
});
