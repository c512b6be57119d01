import { describe, expect, it } from "vitest";

import { permissionGroupsList } from "../../../../../local-cloud/plugins/cloudflare/permission-groups.ts";
import { failure, result, scriptedVendor } from "../scripted-vendor.ts";

describe("calls to Cloudflare", () => {
  it("explain a refusal by status, code and message, without the request or the rest of the answer", async () => {
    const { cloudflare } = scriptedVendor({
      status: 403,
      body: {
        success: false,
        errors: [{ code: 10000, message: "Authentication error", hidden: "h" }],
        result: { a: "b" },
      },
    });
    await expect(cloudflare.call("POST", "/tokens", { value: "request body" })).rejects.toMatchObject({
      message:
        'failed to make http request: POST "http://127.0.0.1:9/tokens": 403 {"code":10000,"message":"Authentication error"}',
      status: 403,
    });
  });

  it("do not take an envelope that says failure for a success", async () => {
    const { cloudflare } = scriptedVendor(failure(200, 7003, "no route"));
    await expect(cloudflare.call("GET", "/")).rejects.toThrow('{"code":7003,"message":"no route"}');
  });

  it("find nothing where Cloudflare answers 404, and fail on everything else", async () => {
    const { cloudflare } = scriptedVendor(failure(404, 10013, "not found"), failure(500, 1, "oops"));
    await expect(cloudflare.find("/x")).resolves.toBeUndefined();
    await expect(cloudflare.find("/x")).rejects.toThrow("500");
  });
});

describe("getAccountApiTokenPermissionGroupsList", () => {
  const groups = [
    { id: "1", name: "Workers KV Storage Read", scopes: ["account"], is_selectable: true },
    { id: "2", name: "Workers KV Storage Write", scopes: ["account"], is_selectable: true },
  ];

  it("lists the groups in Pulumi's words", async () => {
    const vendor = scriptedVendor(result(groups));
    await expect(permissionGroupsList(vendor.cloudflare)({ accountId: "acc" })).resolves.toEqual({
      accountId: "acc",
      results: groups.map(({ id, name, scopes }) => ({ id, name, scopes, isSelectable: true })),
    });
    expect(vendor.calls).toEqual(["GET /accounts/acc/tokens/permission_groups"]);
  });

  it("passes filters on and cuts the list where asked", async () => {
    const vendor = scriptedVendor(result(groups));
    const { results } = await permissionGroupsList(vendor.cloudflare)({
      accountId: "acc",
      name: "KV read",
      maxItems: 1,
    });
    expect(results).toHaveLength(1);
    expect(vendor.calls).toEqual(["GET /accounts/acc/tokens/permission_groups?name=KV+read"]);
  });
});
