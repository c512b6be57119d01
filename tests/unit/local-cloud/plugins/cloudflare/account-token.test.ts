import { describe, expect, it } from "vitest";

import { accountTokenType } from "../../../../../local-cloud/plugins/cloudflare/account-token.ts";
import type { Properties } from "../../../../../local-cloud/plugins/plain.ts";
import { failure, result, scriptedVendor, UNKNOWN } from "../scripted-vendor.ts";

const VALUE = `cfat_${"x".repeat(10)}`;

const inputs = {
  accountId: "acc",
  name: "app",
  expiresOn: "2027-06-01T00:00:00Z",
  condition: { requestIp: { ins: ["203.0.113.10/32", "203.0.113.9/32"] } },
  policies: [{ effect: "allow", permissionGroups: [{ id: "2" }, { id: "1" }], resources: '{"account.acc": "*"}' }],
} satisfies Properties;

/** As the API answers: groups sorted and named, addresses in another order, an id of the policy. */
const answer = {
  id: "tok",
  name: "app",
  status: "active",
  issued_on: "2026-11-23T00:00:00Z",
  expires_on: "2027-06-01T00:00:00.000Z",
  not_before: null,
  condition: { request_ip: { in: ["203.0.113.9/32", "203.0.113.10/32"], not_in: [] } },
  policies: [
    {
      id: "pol",
      effect: "allow",
      permission_groups: [
        { id: "1", name: "Read" },
        { id: "2", name: "Write" },
      ],
      resources: { "account.acc": "*" },
    },
  ],
};

const state = { ...inputs, status: "active", issuedOn: "2026-11-23T00:00:00Z", value: VALUE };

describe("AccountToken", () => {
  it("is created with resources as an object, and keeps the program's words and the secret in state", async () => {
    const vendor = scriptedVendor(result({ ...answer, value: VALUE }));
    const type = accountTokenType(vendor.cloudflare);
    await expect(type.create(inputs)).resolves.toEqual({ id: "tok", state });
    expect(type.secrets).toEqual(["value"]);
    const [call = ""] = vendor.calls;
    expect(call.startsWith("POST /accounts/acc/tokens ")).toBe(true);
    expect(JSON.parse(call.slice("POST /accounts/acc/tokens ".length))).toEqual({
      name: "app",
      expires_on: "2027-06-01T00:00:00Z",
      condition: { request_ip: { in: ["203.0.113.10/32", "203.0.113.9/32"] } },
      policies: [{ effect: "allow", permission_groups: [{ id: "2" }, { id: "1" }], resources: { "account.acc": "*" } }],
    });
  });

  it("shows no difference after a refresh without drift, and keeps the secret that no read returns", async () => {
    const type = accountTokenType(scriptedVendor(result(answer)).cloudflare);
    const refreshed = await type.read("tok", state);
    expect(refreshed).toEqual({ id: "tok", state });
    await expect(type.diff(refreshed?.state ?? {}, inputs)).resolves.toEqual({ changed: [], replaces: [] });
  });

  it("changes everything but its account in place, with the same secret", async () => {
    const changed = { ...inputs, name: "b", expiresOn: "2027-09-01T00:00:00Z" };
    const vendor = scriptedVendor(result({ ...answer, name: "b", expires_on: "2027-09-01T00:00:00Z" }));
    const type = accountTokenType(vendor.cloudflare);
    await expect(type.diff(state, changed)).resolves.toEqual({ changed: ["name", "expiresOn"], replaces: [] });
    await expect(type.diff(state, { ...inputs, accountId: "other" })).resolves.toMatchObject({
      replaces: ["accountId"],
    });
    await expect(type.update("tok", state, changed)).resolves.toEqual({ ...state, ...changed });
    expect(vendor.calls[0]).toContain("PUT /accounts/acc/tokens/tok ");
  });

  it("is changed where a condition or an expiry is taken away or not known yet", async () => {
    const type = accountTokenType(scriptedVendor().cloudflare);
    const { accountId, name, policies } = inputs;
    await expect(type.diff(state, { accountId, name, policies })).resolves.toEqual({
      changed: ["condition", "expiresOn"],
      replaces: [],
    });
    const unknown = { ...inputs, policies: [{ effect: "allow", permissionGroups: UNKNOWN, resources: UNKNOWN }] };
    await expect(type.diff(state, unknown)).resolves.toEqual({ changed: ["policies"], replaces: [] });
    await expect(type.check(unknown)).resolves.toEqual([]);
  });

  it.each(["expired", "revoked (exposed)"])("is dropped by a refresh when it is %s", async (status) => {
    const type = accountTokenType(scriptedVendor(result({ ...answer, status })).cloudflare);
    await expect(type.read("tok", state)).resolves.toBeUndefined();
  });

  it("is dropped when it is gone, and kept when it is disabled", async () => {
    const vendor = scriptedVendor(failure(404, 1, "not found"), result({ ...answer, status: "disabled" }));
    const type = accountTokenType(vendor.cloudflare);
    await expect(type.read("tok", state)).resolves.toBeUndefined();
    await expect(type.read("tok", state)).resolves.toMatchObject({ state: { status: "disabled", value: VALUE } });
  });

  it("names resources that are no JSON without quoting them", async () => {
    const type = accountTokenType(scriptedVendor().cloudflare);
    const broken = { ...inputs, policies: [{ effect: "allow", permissionGroups: [], resources: "hidden{" }] };
    await expect(type.check(broken)).resolves.toEqual([
      { property: "policies[0].resources", reason: "A string with a JSON object is expected." },
    ]);
    await expect(type.create(broken)).rejects.toThrow(/^a text that must be JSON is not$/);
  });
});
