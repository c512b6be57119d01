import { describe, expect, it } from "vitest";

import { seedsOf } from "../../../local-cloud/seeds.ts";
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
      projects: [],
      environments: [],
      sourceAddress: "203.0.113.10",
    });
  });

  it("keeps the environment of a Render project with its services", () => {
    const environmentId = "evm-d0000000000000000001";
    const scoped = development({ "render.environmentId": environmentId });
    const { services, projects, environments } = seedsOf({ dev: scoped, copy: scoped });
    expect(services.map((service) => service.environmentId)).toEqual([environmentId]);
    expect(projects).toEqual([
      { id: "prj-d0000000000000000001", name: "brainbot", ownerId: "tea-d0000000000000000001" },
    ]);
    expect(environments).toEqual([{ id: environmentId, name: "copy", projectId: "prj-d0000000000000000001" }]);
  });

  it("lets requests come from an address that the conditions admit, or from this machine where there are none", () => {
    expect(seedsOf({ prod: production() }).sourceAddress).toBe("203.0.113.10");
    expect(seedsOf({ dev: development() }).sourceAddress).toBe("127.0.0.1");
  });

  it("is empty without environments", () => {
    expect(seedsOf({})).toEqual({
      accounts: [],
      owners: [],
      services: [],
      projects: [],
      environments: [],
      sourceAddress: "127.0.0.1",
    });
  });
});
