import { describe, expect, test } from "vitest";

import {
  ACCOUNT,
  BASE_URL,
  type EmulatedCloudflare,
  emulateCloudflare,
  errorOf,
  GROUPS,
  OTHER_ACCOUNT,
  policyOn,
} from "./emulated-cloudflare.ts";

/** Endpoints of each area, with the permission that each needs. Paths begin below the account. */
const ENDPOINTS = [
  { method: "GET", path: "", needs: ["settingsRead"] },
  { method: "GET", path: "/tokens", needs: ["tokensRead", "tokensWrite"] },
  { method: "GET", path: "/tokens/permission_groups", needs: ["tokensRead", "tokensWrite"] },
  { method: "POST", path: "/tokens", needs: ["tokensWrite"] },
  { method: "GET", path: "/storage/kv/namespaces", needs: ["kvRead", "kvWrite"] },
  { method: "POST", path: "/storage/kv/namespaces", needs: ["kvWrite"] },
  { method: "GET", path: `/storage/kv/namespaces/${"0".repeat(32)}/keys`, needs: ["kvRead", "kvWrite"] },
  { method: "GET", path: `/storage/kv/namespaces/${"0".repeat(32)}/values/k`, needs: ["kvRead", "kvWrite"] },
  { method: "PUT", path: `/storage/kv/namespaces/${"0".repeat(32)}/values/k`, needs: ["kvWrite"] },
  { method: "DELETE", path: `/storage/kv/namespaces/${"0".repeat(32)}/values/k`, needs: ["kvWrite"] },
  { method: "GET", path: `/storage/kv/namespaces/${"0".repeat(32)}/metadata/k`, needs: ["kvRead", "kvWrite"] },
  { method: "PUT", path: `/storage/kv/namespaces/${"0".repeat(32)}/bulk`, needs: ["kvWrite"] },
  { method: "DELETE", path: `/storage/kv/namespaces/${"0".repeat(32)}/bulk`, needs: ["kvWrite"] },
  { method: "POST", path: `/storage/kv/namespaces/${"0".repeat(32)}/bulk/delete`, needs: ["kvWrite"] },
  { method: "POST", path: `/storage/kv/namespaces/${"0".repeat(32)}/bulk/get`, needs: ["kvRead", "kvWrite"] },
  { method: "GET", path: "/workers/workers", needs: ["scriptsRead", "scriptsWrite"] },
  { method: "POST", path: "/workers/workers", needs: ["scriptsWrite"] },
  { method: "POST", path: "/workers/workers/gateway/versions", needs: ["scriptsWrite"] },
  { method: "GET", path: "/workers/scripts/gateway/deployments", needs: ["scriptsRead", "scriptsWrite"] },
  { method: "POST", path: "/workers/scripts/gateway/deployments", needs: ["scriptsWrite"] },
] as const satisfies readonly { method: string; path: string; needs: readonly (keyof typeof GROUPS)[] }[];

const ACCOUNT_PERMISSIONS = [
  "kvRead",
  "kvWrite",
  "scriptsRead",
  "scriptsWrite",
  "settingsRead",
  "tokensRead",
  "tokensWrite",
] as const;

async function statuses(cloud: EmulatedCloudflare, token: string, from?: string): Promise<string[]> {
  const answers = [];
  for (const { method, path } of ENDPOINTS) {
    const answer = await cloud.call(method, path, { token, ...(from === undefined ? {} : { from }) });
    answers.push(`${String(answer.status)} ${String(answer.json.errors?.[0]?.code)}`);
  }
  return [...new Set(answers)];
}

describe("a request without a usable token", () => {
  test("is refused with 9106 where there is no Authorization header", async () => {
    const { emulator } = emulateCloudflare();
    const response = await emulator.fetch(new Request(`${BASE_URL}/accounts/${ACCOUNT}/storage/kv/namespaces`));
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      success: false,
      errors: [{ code: 9106, message: "Missing X-Auth-Key, X-Auth-Email or Authorization headers" }],
      messages: [],
      result: null,
    });
  });

  test.each(["Bearer", "Basic eDp5", "Bearer Bearer x", 'Bearer "quoted"'])(
    "is refused with 6003 and 6111 for the header %j",
    async (authorization) => {
      const cloud = emulateCloudflare();
      const answer = await cloud.call("GET", "/storage/kv/namespaces", { headers: { authorization } });
      expect(answer.status).toBe(400);
      expect(answer.json.errors).toEqual([
        {
          code: 6003,
          message: "Invalid request headers",
          error_chain: [{ code: 6111, message: "Invalid format for Authorization header" }],
        },
      ]);
    },
  );

  test("is refused with 10000 on every endpoint for a value that nobody was given", async () => {
    expect(await statuses(emulateCloudflare(), `cfat_${"x".repeat(48)}`)).toEqual(["401 10000"]);
  });

  test("does not reach a path that does not exist", async () => {
    const answer = await emulateCloudflare().call("GET", "/nowhere", { headers: { authorization: "none" } });
    expect(answer.status).toBe(404);
    expect(answer.json.errors).toEqual([
      {
        code: 7003,
        message: `Could not route to /accounts/${ACCOUNT}/nowhere, perhaps your object identifier is invalid?`,
      },
      { code: 7000, message: "No route for that URI" },
    ]);
  });
});

describe("the life of a token", () => {
  test("ends on every endpoint in the millisecond of expires_on", async () => {
    const cloud = emulateCloudflare();
    const { value } = await cloud.mint({ expires_on: "2026-11-24T00:00:00Z" });
    cloud.clock.set("2026-11-23T23:59:59.999Z");
    expect(await statuses(cloud, value)).not.toContain("401 10000");
    cloud.clock.advance(1);
    expect(await statuses(cloud, value)).toEqual(["401 10000"]);
  });

  test("begins on every endpoint in the millisecond of not_before", async () => {
    const cloud = emulateCloudflare();
    const { value } = await cloud.mint({ not_before: "2026-11-24T00:00:00Z" });
    cloud.clock.set("2026-11-23T23:59:59.999Z");
    expect(await statuses(cloud, value)).toEqual(["401 10000"]);
    cloud.clock.advance(1);
    expect(await statuses(cloud, value)).not.toContain("401 10000");
  });

  test("stops on every endpoint while the token is disabled", async () => {
    const cloud = emulateCloudflare();
    const { id, value } = await cloud.mint();
    const set = (status: string) =>
      cloud.call("PUT", `/tokens/${id}`, {
        json: { name: "application", policies: [policyOn(ACCOUNT, [GROUPS.kvWrite, GROUPS.tokensWrite])], status },
      });
    await set("disabled");
    expect(await statuses(cloud, value)).toEqual(["401 10000"]);
    await set("active");
    expect(await statuses(cloud, value)).not.toContain("401 10000");
  });

  test("ends on every endpoint with the delete", async () => {
    const cloud = emulateCloudflare();
    const { id, value } = await cloud.mint();
    await cloud.call("DELETE", `/tokens/${id}`);
    expect(await statuses(cloud, value)).toEqual(["401 10000"]);
  });

  test("ends for the old value with a roll", async () => {
    const cloud = emulateCloudflare();
    const { id, value } = await cloud.mint();
    const { json } = await cloud.call("PUT", `/tokens/${id}/value`, { json: {} });
    expect(json.result).toMatch(/^cfat_[\w-]{40}[0-9a-f]{8}$/);
    expect(await statuses(cloud, value)).toEqual(["401 10000"]);
    expect(await statuses(cloud, String(json.result))).not.toContain("401 10000");
  });
});

describe("an IP condition", () => {
  const inside = ["203.0.113.10", "::ffff:203.0.113.10", "2001:db8::1"];
  const outside = ["203.0.113.20", "198.51.100.1", "::ffff:198.51.100.1", "2001:db9::1"];
  const condition = { request_ip: { in: ["203.0.113.0/24", "2001:db8::/32"], not_in: ["203.0.113.20/32"] } };

  test.each(inside)("lets %s in", async (from) => {
    const cloud = emulateCloudflare();
    const { value } = await cloud.mint({ condition });
    expect(await statuses(cloud, value, from)).not.toContain("403 9109");
  });

  test.each(outside)("keeps %s out of every endpoint", async (from) => {
    const cloud = emulateCloudflare();
    const { value } = await cloud.mint({ condition });
    expect(await statuses(cloud, value, from)).toEqual(["403 9109"]);
  });

  test("names the address in the refusal", async () => {
    const cloud = emulateCloudflare();
    const { value } = await cloud.mint({ condition });
    const { json } = await cloud.call("GET", "/storage/kv/namespaces", { token: value });
    expect(json.errors).toEqual([{ code: 9109, message: "Cannot use the access token from location: 127.0.0.1" }]);
  });

  test("is held against the address that the emulator was set to", async () => {
    const cloud = emulateCloudflare();
    const { value } = await cloud.mint({ condition });
    cloud.emulator.setSourceAddress("203.0.113.10");
    expect((await cloud.call("GET", "/storage/kv/namespaces", { token: value })).status).toBe(200);
    expect(() => cloud.emulator.setSourceAddress("203.0.113.0/24")).toThrow("is not an IP address");
  });

  test("refuses a source address header that is none", async () => {
    const answer = await emulateCloudflare().call("GET", "/storage/kv/namespaces", { from: "localhost" });
    expect(errorOf(answer)).toEqual({ status: 400, code: 6003 });
  });
});

describe("permissions", () => {
  test.each(ACCOUNT_PERMISSIONS)("of a token with %s alone open exactly the endpoints that accept it", async (name) => {
    const cloud = emulateCloudflare();
    const { value } = await cloud.mint({ policies: [policyOn(ACCOUNT, [GROUPS[name]])] });
    for (const { method, path, needs } of ENDPOINTS) {
      const answer = await cloud.call(method, path, { token: value });
      const isOpen = answer.status !== 403;
      expect(`${method} ${path}: ${String(isOpen)}`).toBe(
        `${method} ${path}: ${String(needs.some((n) => n === name))}`,
      );
    }
  });

  test("that are missing are refused with the document of the endpoint", async () => {
    const cloud = emulateCloudflare();
    const { value } = await cloud.mint({ policies: [policyOn(ACCOUNT, [GROUPS.kvRead])] });
    const answer = await cloud.call("POST", "/storage/kv/namespaces", { token: value, json: { title: "t" } });
    expect(answer.status).toBe(403);
    expect(answer.json.errors).toEqual([
      {
        code: 10000,
        message: "Authentication error",
        documentation_url: "https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/",
      },
    ]);
  });

  test("that are denied do not count although another policy allows them", async () => {
    const cloud = emulateCloudflare();
    const policies = [policyOn(ACCOUNT, [GROUPS.kvRead, GROUPS.kvWrite]), policyOn(ACCOUNT, [GROUPS.kvWrite], "deny")];
    const { value } = await cloud.mint({ policies });
    const list = await cloud.call("GET", "/storage/kv/namespaces", { token: value });
    const create = await cloud.call("POST", "/storage/kv/namespaces", { token: value, json: { title: "t" } });
    expect([list.status, create.status]).toEqual([200, 403]);
  });

  test("end at the account of the token, on every endpoint", async () => {
    const cloud = emulateCloudflare();
    const { value } = await cloud.mint();
    for (const account of [OTHER_ACCOUNT, "c".repeat(32)]) {
      for (const { method, path } of ENDPOINTS) {
        const answer = await cloud.callAnywhere(method, `/accounts/${account}${path}`, { token: value });
        expect(errorOf(answer)).toEqual({ status: 403, code: 10000 });
      }
    }
  });

  test("of the user's token reach every account that exists and no other", async () => {
    const cloud = emulateCloudflare();
    const token = cloud.emulator.userToken.reveal();
    const statusesOf = [ACCOUNT, OTHER_ACCOUNT, "c".repeat(32)].map(
      async (account) => (await cloud.callAnywhere("GET", `/accounts/${account}/tokens`, { token })).status,
    );
    expect(await Promise.all(statusesOf)).toEqual([200, 200, 403]);
  });

  test("are not asked where the account id is malformed", async () => {
    const answer = await emulateCloudflare().callAnywhere("GET", "/accounts/not-an-id/tokens");
    expect(errorOf(answer)).toEqual({ status: 404, code: 7003 });
  });
});
