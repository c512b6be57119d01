import { describe, expect, test } from "vitest";

import { ACCOUNT, emulateCloudflare, errorOf, GROUPS, policyOn } from "./emulated-cloudflare.ts";

describe("verification", () => {
  test("answers the user's token at /user and a token of an account at its account", async () => {
    const cloud = emulateCloudflare();
    const user = cloud.emulator.userToken.reveal();
    const [first, second] = cloud.emulator.accountTokens.map(({ token }) => token.reveal());
    const verify = async (path: string, token = "") => errorOf(await cloud.callAnywhere("GET", path, { token }));
    const good = { status: 200, code: undefined };
    const bad = { status: 401, code: 1000 };
    expect(await verify("/user/tokens/verify", user)).toEqual(good);
    expect(await verify("/user/tokens/verify", first)).toEqual(bad);
    expect(await verify(`/accounts/${ACCOUNT}/tokens/verify`, first)).toEqual(good);
    expect(await verify(`/accounts/${ACCOUNT}/tokens/verify`, second)).toEqual(bad);
    expect(await verify(`/accounts/${ACCOUNT}/tokens/verify`, user)).toEqual(bad);
    expect(await verify(`/accounts/${ACCOUNT}/tokens/verify`, "unknown")).toEqual(bad);
  });

  test("needs no permission and tells an active token its times", async () => {
    const cloud = emulateCloudflare();
    const { id, value } = await cloud.mint({
      policies: [policyOn(ACCOUNT, [GROUPS.kvRead])],
      not_before: "2026-11-22T00:00:00Z",
      expires_on: "2027-01-01T00:00:00Z",
    });
    const { json } = await cloud.call("GET", "/tokens/verify", { token: value });
    expect(json).toEqual({
      success: true,
      errors: [],
      messages: [{ code: 10000, message: "This API Token is valid and active", type: null }],
      result: { id, status: "active", not_before: "2026-11-22T00:00:00Z", expires_on: "2027-01-01T00:00:00Z" },
    });
  });

  test("tells an expired token that it is", async () => {
    const cloud = emulateCloudflare();
    const { id, value } = await cloud.mint({ expires_on: "2026-11-24T00:00:00Z" });
    cloud.clock.set("2026-11-24T00:00:00Z");
    const { json } = await cloud.call("GET", "/tokens/verify", { token: value });
    expect(json.result).toEqual({ id, status: "expired", expires_on: "2026-11-24T00:00:00Z" });
    expect(json.messages).toEqual([]);
  });

  test("is refused from a wrong address", async () => {
    const cloud = emulateCloudflare();
    const { value } = await cloud.mint({ condition: { request_ip: { in: ["203.0.113.10/32"] } } });
    const answer = await cloud.call("GET", "/tokens/verify", { token: value });
    expect(errorOf(answer)).toEqual({ status: 403, code: 9109 });
  });
});
