import { describe, expect, it } from "vitest";

import { kvNamespaceType } from "../../../../../local-cloud/plugins/cloudflare/kv-namespace.ts";
import { failure, result, scriptedVendor, UNKNOWN } from "../scripted-vendor.ts";

const state = { accountId: "acc", title: "t", supportsUrlEncoding: true };
const answer = { id: "ns", title: "t", supports_url_encoding: true };

describe("WorkersKvNamespace", () => {
  it("is created by its title", async () => {
    const vendor = scriptedVendor(result(answer));
    await expect(kvNamespaceType(vendor.cloudflare).create({ accountId: "acc", title: "t" })).resolves.toEqual({
      id: "ns",
      state,
    });
    expect(vendor.calls).toEqual(['POST /accounts/acc/storage/kv/namespaces {"title":"t"}']);
  });

  it("is renamed in place, and replaced in another account or jurisdiction", async () => {
    const type = kvNamespaceType(scriptedVendor().cloudflare);
    await expect(type.diff(state, { accountId: "acc", title: "u" })).resolves.toEqual({
      changed: ["title"],
      replaces: [],
    });
    await expect(type.diff(state, { accountId: UNKNOWN, title: "t", jurisdiction: "eu" })).resolves.toEqual({
      changed: ["accountId", "jurisdiction"],
      replaces: ["accountId", "jurisdiction"],
    });
  });

  it("keeps its state where a rename is answered without the namespace", async () => {
    const vendor = scriptedVendor(result(null));
    await expect(
      kvNamespaceType(vendor.cloudflare).update("ns", state, { accountId: "acc", title: "u" }),
    ).resolves.toEqual({
      ...state,
      title: "u",
    });
    expect(vendor.calls).toEqual(['PUT /accounts/acc/storage/kv/namespaces/ns {"title":"u"}']);
  });

  it("is dropped by a refresh when it is gone, but its delete then fails", async () => {
    const vendor = scriptedVendor(failure(404, 10013, "not found"), failure(404, 10013, "not found"));
    const type = kvNamespaceType(vendor.cloudflare);
    await expect(type.read("ns", state)).resolves.toBeUndefined();
    await expect(type.delete("ns", state)).rejects.toThrow("404");
  });
});
