import { describe, expect, test } from "vitest";

import { createCloudflareEmulator } from "../../../../local-cloud/cloudflare/emulator.ts";
import {
  ACCOUNT,
  BASE_URL,
  countingRandom,
  emulateCloudflare,
  idOf,
  ManualClock,
  START,
  tokenBody,
} from "./emulated-cloudflare.ts";

describe("the emulator", () => {
  test("logs every request and answer, refusals too, in order", async () => {
    const { call, emulator } = emulateCloudflare();
    const created = await call("POST", "/storage/kv/namespaces", { json: { title: "t" } });
    const id = idOf(created);
    await call("PUT", `/storage/kv/namespaces/${id}/values/a%2Fb?expiration_ttl=60`, { body: "{}" });
    await call("GET", `/storage/kv/namespaces/${id}/values/a%2Fb`);
    const refused = await call("POST", "/storage/kv/namespaces", { json: { title: "" } });
    await call("GET", "/nowhere");
    const base = `/client/v4/accounts/${ACCOUNT}`;
    const kv = `${base}/storage/kv/namespaces`;
    expect(emulator.requestLog.entries).toEqual([
      { vendor: "cloudflare", method: "POST", path: kv, request: { title: "t" }, status: 200, response: created.json },
      {
        vendor: "cloudflare",
        method: "PUT",
        path: `${kv}/${id}/values/a%2Fb?expiration_ttl=60`,
        request: null,
        status: 200,
        response: { success: true, errors: [], messages: [], result: null },
      },
      {
        vendor: "cloudflare",
        method: "GET",
        path: `${kv}/${id}/values/a%2Fb`,
        request: null,
        status: 200,
        response: null,
      },
      { vendor: "cloudflare", method: "POST", path: kv, request: { title: "" }, status: 400, response: refused.json },
      {
        vendor: "cloudflare",
        method: "GET",
        path: `${base}/nowhere`,
        request: null,
        status: 404,
        response: expect.objectContaining({ success: false }),
      },
    ]);
  });

  test("keeps large bodies out of the log", async () => {
    const { call, createNamespace, emulator } = emulateCloudflare();
    const path = `/storage/kv/namespaces/${await createNamespace()}/bulk`;
    emulator.requestLog.drain();
    await call("PUT", path, { json: [{ key: "k", value: "v".repeat(1024 * 1024) }] });
    await call("POST", `${path}/get`, { json: { keys: ["k"] } });
    const [put, get] = emulator.requestLog.entries;
    expect([put?.request, get?.response]).toEqual([null, null]);
  });

  test("holds values of tokens by hash only", async () => {
    const cloud = emulateCloudflare();
    expect(cloud.emulator.userToken.reveal()).toMatch(/^cfut_[\w-]{40}[0-9a-f]{8}$/);
    expect(cloud.bootstrap).toMatch(/^cfat_[\w-]{40}[0-9a-f]{8}$/);
    expect(JSON.stringify(cloud.emulator)).not.toContain(cloud.bootstrap);
    const { value } = await cloud.mint();
    const inAnswers = cloud.emulator.requestLog.entries.filter((entry) => JSON.stringify(entry).includes(value));
    expect(inAnswers).toHaveLength(1);
  });

  test("gives every account a token that can mint another", async () => {
    const { emulator, callAnywhere } = emulateCloudflare();
    for (const { accountId, token } of emulator.accountTokens) {
      const policies = [
        {
          effect: "allow",
          permission_groups: [{ id: "f7f0eda5697f475c90846e879bab8666" }],
          resources: { [`com.cloudflare.api.account.${accountId}`]: "*" },
        },
      ];
      const json = tokenBody({ policies });
      const answer = await callAnywhere("POST", `/accounts/${accountId}/tokens`, { token: token.reveal(), json });
      expect(answer.status).toBe(200);
    }
  });

  test("answers paths outside the API like Cloudflare answers unknown ones", async () => {
    const { emulator } = emulateCloudflare();
    for (const url of [
      BASE_URL,
      `${BASE_URL}/`,
      "https://cloudflare.test/",
      `${BASE_URL}/accounts/${ACCOUNT}/tokens/`,
    ]) {
      expect((await emulator.fetch(new Request(url))).status).toBe(404);
    }
  });

  test.each([
    [{ accounts: [{ id: "short", name: "n" }] }, "is not the id of a Cloudflare account"],
    [{ accounts: [], sourceAddress: "127.0.0.1/8" }, "is not an IP address"],
  ])("is not created from %j", (options, problem) => {
    const world = { clock: new ManualClock(START), random: countingRandom() };
    expect(() => createCloudflareEmulator({ ...world, ...options })).toThrow(problem);
  });
});
