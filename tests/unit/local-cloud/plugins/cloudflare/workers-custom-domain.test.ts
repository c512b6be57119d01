import { describe, expect, it } from "vitest";

import { workersCustomDomainType } from "../../../../../local-cloud/plugins/cloudflare/workers-custom-domain.ts";
import { failure, result, scriptedVendor } from "../scripted-vendor.ts";

const DOMAINS = "/accounts/acc/workers/domains";
const inputs = { accountId: "acc", hostname: "kv.example.com", zoneId: "zone", service: "gateway" };
const answer = { id: "dom", hostname: "kv.example.com", service: "gateway", zone_id: "zone", zone_name: "example.com" };

describe("WorkersCustomDomain", () => {
  it("is attached by a call that may be repeated, read and deleted by its id", async () => {
    const vendor = scriptedVendor(result(answer), result(answer), result(null));
    const type = workersCustomDomainType(vendor.cloudflare);
    const { id, state } = await type.create(inputs);
    expect(state).toEqual({ ...inputs, zoneName: "example.com" });
    await expect(type.read(id, state)).resolves.toEqual({ id, state });
    await type.delete(id, state);
    expect(vendor.calls).toEqual([
      `PUT ${DOMAINS} {"hostname":"kv.example.com","service":"gateway","zone_id":"zone"}`,
      `GET ${DOMAINS}/dom`,
      `DELETE ${DOMAINS}/dom`,
    ]);
  });

  it("does not change while the program says the same, and is replaced by another Worker or name", async () => {
    const vendor = scriptedVendor(result(answer));
    const type = workersCustomDomainType(vendor.cloudflare);
    const { state } = await type.create(inputs);
    await expect(type.diff(state, inputs)).resolves.toEqual({ changed: [], replaces: [] });
    for (const property of ["hostname", "service", "zoneId"]) {
      await expect(type.diff(state, { ...inputs, [property]: "another" })).resolves.toEqual({
        changed: [property],
        replaces: [property],
      });
    }
  });

  it("is dropped by a refresh when it is gone", async () => {
    const type = workersCustomDomainType(scriptedVendor(failure(404, 10007, "not found")).cloudflare);
    await expect(type.read("dom", inputs)).resolves.toBeUndefined();
  });

  it("needs a host name and a Worker", async () => {
    const type = workersCustomDomainType(scriptedVendor().cloudflare);
    const failures = await type.check({ accountId: "acc" });
    expect(failures.map(({ property }) => property)).toEqual(["hostname", "service"]);
  });
});
