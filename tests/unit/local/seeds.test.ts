import { describe, expect, it } from "vitest";

import { seedsOf } from "../../../src/local/seeds.ts";
import { changed, developmentValues, productionValues } from "../config/valid-configuration.ts";
import { configOf } from "../stack/vendors.ts";

const development = (changes: Record<string, unknown> = {}) => configOf(changed(developmentValues(), changes));
const production = (changes: Record<string, unknown> = {}) => configOf(changed(productionValues(), changes), "prod");

describe("seedsOf", () => {
  it("holds what the environments name, each once where they share it", () => {
    const services = ["srv-d0000000000000000001", "srv-p0000000000000000002"];
    const seeds = seedsOf({
      dev: development(),
      prod: production({ "cloudflare.accountId": "9b7d".repeat(8), "render.services": services }),
    });
    expect(seeds).toEqual({
      accounts: [
        { id: "0d3a".repeat(8), name: "dev account" },
        { id: "9b7d".repeat(8), name: "prod account" },
      ],
      owners: [{ id: "tea-d0000000000000000001", name: "brainbot" }],
      services: [
        { id: "srv-d0000000000000000001", name: "brainbot-prod", ownerId: "tea-d0000000000000000001" },
        { id: "srv-p0000000000000000002", name: "brainbot-prod-2", ownerId: "tea-d0000000000000000001" },
      ],
      sourceAddress: "203.0.113.10",
    });
  });

  it("keeps the environment of a Render project with its services", () => {
    const environmentId = "evm-d0000000000000000001";
    const { services } = seedsOf({ dev: development({ "render.environmentId": environmentId }) });
    expect(services.map((service) => service.environmentId)).toEqual([environmentId]);
  });

  it("lets requests come from an address that the conditions admit, or from this machine where there are none", () => {
    expect(seedsOf({ prod: production() }).sourceAddress).toBe("203.0.113.10");
    expect(seedsOf({ dev: development() }).sourceAddress).toBe("127.0.0.1");
  });

  it("is empty without environments", () => {
    expect(seedsOf({})).toEqual({ accounts: [], owners: [], services: [], sourceAddress: "127.0.0.1" });
  });
});
