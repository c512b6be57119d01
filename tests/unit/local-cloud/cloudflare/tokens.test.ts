import { describe, expect, test } from "vitest";
import { z } from "zod";

import {
  ACCOUNT,
  type Answer,
  emulateCloudflare,
  errorOf,
  fieldOfEach,
  GROUPS,
  objectOf,
  OTHER_ACCOUNT,
  policyOn,
  tokenBody,
} from "./emulated-cloudflare.ts";

const KEY = `com.cloudflare.api.account.${ACCOUNT}`;
const groups = [{ id: GROUPS.kvWrite }];

describe("creating a token", () => {
  test("answers with the value, and no later answer holds it", async () => {
    const cloud = emulateCloudflare();
    const { id, value } = await cloud.mint();
    expect(value).toMatch(/^cfat_[\w-]{40}[0-9a-f]{8}$/);
    const later = [
      await cloud.call("GET", `/tokens/${id}`),
      await cloud.call("GET", "/tokens"),
      await cloud.call("PUT", `/tokens/${id}`, { json: tokenBody() }),
      await cloud.call("DELETE", `/tokens/${id}`),
    ];
    for (const { status, json } of later) {
      expect(status).toBe(200);
      expect(JSON.stringify(json)).not.toContain(value);
      expect(JSON.stringify(json)).not.toContain('"value"');
    }
  });

  test("answers permission groups with their names and sorted by id", async () => {
    const cloud = emulateCloudflare();
    const policies = [policyOn(ACCOUNT, [GROUPS.kvWrite, GROUPS.scriptsRead, GROUPS.kvRead])];
    const { json } = await cloud.call("POST", "/tokens", { json: tokenBody({ policies }) });
    expect(json.result).toMatchObject({
      policies: [
        {
          permission_groups: [
            { id: GROUPS.scriptsRead, name: "Workers Scripts Read" },
            { id: GROUPS.kvRead, name: "Workers KV Storage Read" },
            { id: GROUPS.kvWrite, name: "Workers KV Storage Write" },
          ],
        },
      ],
    });
  });

  const refused: Record<string, object> = {
    "an empty name": { name: "" },
    "a name of spaces": { name: "  " },
    "a name that is too long": { name: "n".repeat(121) },
    "no policies": { policies: [] },
    "an unknown effect": { policies: [policyOn(ACCOUNT, [GROUPS.kvRead], "permit")] },
    "no permission groups": { policies: [policyOn(ACCOUNT, [])] },
    "an unknown permission group": { policies: [policyOn(ACCOUNT, ["0".repeat(32)])] },
    "a permission group of zones": { policies: [policyOn(ACCOUNT, [GROUPS.zoneRoutesWrite])] },
    "resources of another account": { policies: [policyOn(OTHER_ACCOUNT, [GROUPS.kvRead])] },
    "resources as a JSON string": {
      policies: [{ effect: "allow", permission_groups: groups, resources: JSON.stringify({ [KEY]: "*" }) }],
    },
    "no resources": { policies: [{ effect: "allow", permission_groups: groups, resources: {} }] },
    "a second resource": {
      policies: [
        { effect: "allow", permission_groups: groups, resources: { [KEY]: "*", "com.cloudflare.api.account.*": "*" } },
      ],
    },
    "a nested resource": {
      policies: [{ effect: "allow", permission_groups: groups, resources: { [KEY]: { x: "*" } } }],
    },
    "an expiry in the past": { expires_on: "2026-11-22T23:59:59Z" },
    "an expiry now": { expires_on: "2026-11-23T00:00:00Z" },
    "an expiry without a time": { expires_on: "2027-01-01" },
    "an expiry with an offset": { expires_on: "2027-01-01T00:00:00+01:00" },
    "an expiry on a day that does not exist": { expires_on: "2027-02-31T00:00:00Z" },
    "a beginning after the end": { not_before: "2027-02-01T00:00:00Z", expires_on: "2027-01-01T00:00:00Z" },
    "an address without a prefix": { condition: { request_ip: { in: ["203.0.113.10"] } } },
    "a prefix that is too long": { condition: { request_ip: { in: ["203.0.113.10/33"] } } },
    "an IPv6 prefix that is too long": { condition: { request_ip: { not_in: ["2001:db8::/129"] } } },
    "a range that is none": { condition: { request_ip: { in: ["everywhere/0"] } } },
    "the condition key of the guide": { condition: { "request.ip": { in: ["203.0.113.10/32"] } } },
    "an unknown status": { status: "revoked" },
  };

  test.each(Object.entries(refused))("refuses %s", async (_, settings) => {
    const cloud = emulateCloudflare();
    const answer = await cloud.call("POST", "/tokens", { json: tokenBody(settings) });
    expect(errorOf(answer)).toEqual({ status: 400, code: 1001 });
    expect(answer.json).toMatchObject({ success: false, messages: [], result: null });
  });

  test("refuses a body that is no JSON", async () => {
    const answer = await emulateCloudflare().call("POST", "/tokens", { body: "{" });
    expect(errorOf(answer)).toEqual({ status: 400, code: 1001 });
  });

  test("accepts the 500th token of an account and refuses the 501st", async () => {
    const cloud = emulateCloudflare();
    // The account's bootstrap token is one of them.
    for (let count = 2; count <= 500; count += 1) await cloud.mint();
    expect(errorOf(await cloud.call("POST", "/tokens", { json: tokenBody() }))).toEqual({ status: 400, code: 1001 });
    const { json } = await cloud.call("GET", "/tokens?per_page=5");
    expect(json.result_info).toMatchObject({ count: 5, total_count: 500 });
  });
});

function policyIdsOf(answer: Answer): string[] {
  const { policies } = z.object({ policies: z.array(z.object({ id: z.string() })) }).parse(objectOf(answer));
  return policies.map(({ id }) => id);
}

describe("updating a token", () => {
  test("replaces everything and keeps id, value, times of issue and ids of policies", async () => {
    const cloud = emulateCloudflare();
    const settings = { expires_on: "2027-01-01T00:00:00Z", condition: { request_ip: { in: ["127.0.0.0/8"] } } };
    const { id, value } = await cloud.mint(settings);
    const [policyId] = policyIdsOf(await cloud.call("GET", `/tokens/${id}`));
    cloud.clock.advance(5_000);
    const update = { name: "renamed", policies: [policyOn(ACCOUNT, [GROUPS.tokensRead])] };
    const after = await cloud.call("PUT", `/tokens/${id}`, { json: update });
    expect(after.json.result).toEqual({
      id,
      name: "renamed",
      status: "active",
      issued_on: "2026-11-23T00:00:00.000Z",
      modified_on: "2026-11-23T00:00:05.000Z",
      policies: [
        {
          id: policyId,
          effect: "allow",
          resources: { [KEY]: "*" },
          permission_groups: [{ id: GROUPS.tokensRead, name: "Account API Tokens Read" }],
        },
      ],
    });
    expect((await cloud.call("GET", "/tokens", { token: value })).status).toBe(200);
  });

  test("keeps a token disabled that is updated without a status", async () => {
    const cloud = emulateCloudflare();
    const { id } = await cloud.mint();
    await cloud.call("PUT", `/tokens/${id}`, { json: tokenBody({ status: "disabled" }) });
    const { json } = await cloud.call("PUT", `/tokens/${id}`, { json: tokenBody() });
    expect(json.result).toMatchObject({ status: "disabled" });
  });
});

describe("a token that is not there", () => {
  test.each([
    ["GET", ""],
    ["PUT", ""],
    ["DELETE", ""],
    ["PUT", "/value"],
  ])("is answered with 404 to %s %s", async (method, suffix) => {
    const cloud = emulateCloudflare();
    const json = method === "PUT" ? { json: tokenBody() } : {};
    const unknown = await cloud.call(method, `/tokens/${"0".repeat(32)}${suffix}`, json);
    expect(errorOf(unknown)).toEqual({ status: 404, code: 1003 });
    const malformed = await cloud.call(method, `/tokens/nonsense${suffix}`, json);
    expect(errorOf(malformed)).toEqual({ status: 404, code: 7003 });
  });

  test("is not found through another account", async () => {
    const cloud = emulateCloudflare();
    const { id } = await cloud.mint();
    const token = cloud.emulator.userToken.reveal();
    const answer = await cloud.callAnywhere("GET", `/accounts/${OTHER_ACCOUNT}/tokens/${id}`, { token });
    expect(errorOf(answer)).toEqual({ status: 404, code: 1003 });
  });
});

/** Names in the list of an account with six more tokens, the third of which has expired; or the status of a refusal. */
async function namesOf(query: string): Promise<unknown> {
  const cloud = emulateCloudflare();
  for (let number = 1; number <= 6; number += 1) {
    cloud.clock.advance(1_000);
    await cloud.mint({ name: `t${String(number)}`, ...(number === 3 ? { expires_on: "2026-11-24T00:00:00Z" } : {}) });
  }
  cloud.clock.set("2026-11-25T00:00:00Z");
  const answer = await cloud.call("GET", `/tokens${query}`);
  return answer.status === 200 ? fieldOfEach(answer, "name") : answer.status;
}

describe("listing tokens", () => {
  const bootstrap = "kvshift local bootstrap";

  test.each([
    ["", [bootstrap, "t1", "t2", "t4", "t5", "t6"]],
    ["?include_expired=true", [bootstrap, "t1", "t2", "t3", "t4", "t5", "t6"]],
    ["?direction=desc", ["t6", "t5", "t4", "t2", "t1", bootstrap]],
    ["?per_page=5", [bootstrap, "t1", "t2", "t4", "t5"]],
    ["?per_page=5&page=2", ["t6"]],
    ["?per_page=5&page=3", []],
    ["?name=t4", ["t4"]],
    ["?per_page=4", 400],
    ["?per_page=51", 400],
    ["?page=0", 400],
    ["?direction=up", 400],
    ["?include_expired=maybe", 400],
  ])("with %j gives %j", async (query, expected) => {
    expect(await namesOf(query)).toEqual(expected);
  });

  test("shows the time of the last use", async () => {
    const cloud = emulateCloudflare();
    const { id, value } = await cloud.mint();
    expect((await cloud.call("GET", `/tokens/${id}`)).json.result).not.toHaveProperty("last_used_on");
    cloud.clock.advance(7_000);
    await cloud.call("GET", "/storage/kv/namespaces", { token: value });
    expect((await cloud.call("GET", `/tokens/${id}`)).json.result).toMatchObject({
      last_used_on: "2026-11-23T00:00:07.000Z",
    });
  });
});

describe("permission groups", () => {
  test.each([
    ["?name=Workers%20KV%20Storage%20Write", [GROUPS.kvWrite]],
    ["?scope=com.cloudflare.api.account.zone", [GROUPS.zoneRoutesWrite]],
    ["?name=Workers%20KV%20Storage%20Write&scope=com.cloudflare.api.account.zone", []],
    ["?name=workers", []],
  ])("are filtered by %j", async (query, expected) => {
    const answer = await emulateCloudflare().call("GET", `/tokens/permission_groups${query}`);
    expect(fieldOfEach(answer, "id")).toEqual(expected);
  });
});
