import { describe, expect, it } from "vitest";

import { idsByName, kvPermissionGroupIds } from "../../../src/stack/credentials.ts";
import { resolved, runWithMocks } from "../../support/pulumi-mocks.ts";
import { ACCOUNT_ID, VENDORS, WRITE_GROUP_ID } from "./vendors.ts";

const ACCOUNT = "com.cloudflare.api.account";

describe("idsByName", () => {
  it("sorts the ids as Cloudflare answers them, whatever the order of the names", () => {
    const groups = [
      { id: "bbb", name: "B", scopes: [ACCOUNT] },
      { id: "aaa", name: "A", scopes: [ACCOUNT] },
    ];
    expect(idsByName(groups, ["B", "A"])).toEqual(["aaa", "bbb"]);
    expect(idsByName(groups, ["A", "B"])).toEqual(["aaa", "bbb"]);
  });

  it("takes of groups with one name the account's", () => {
    const groups = [
      { id: "zone", name: "A", scopes: ["com.cloudflare.api.account.zone"] },
      { id: "account", name: "A", scopes: [ACCOUNT] },
    ];
    expect(idsByName(groups, ["A"])).toEqual(["account"]);
  });

  it.each([
    ["there is none of that name", []],
    ["it exists at another scope only", [{ id: "zone", name: "A", scopes: ["com.cloudflare.api.account.zone"] }]],
  ])("names the permission where %s", (_why, groups) => {
    expect(() => idsByName(groups, ["A"])).toThrow(
      expect.objectContaining({ code: "VENDOR_FAILED", problem: expect.stringContaining('"A"') }),
    );
  });
});

describe("kvPermissionGroupIds", () => {
  it("asks Cloudflare for the groups of the account and takes the one that writes KV", async () => {
    const { result } = await runWithMocks(() => kvPermissionGroupIds(ACCOUNT_ID, {}), VENDORS);
    expect(await resolved(result)).toEqual({ value: [WRITE_GROUP_ID], secret: false });
  });
});
