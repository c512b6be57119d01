import { describe, expect, it } from "vitest";

import type { KvBinding } from "../../../src/core/kv-binding.ts";
import { EVENTUAL, GATEWAY_ACCOUNT, GATEWAY_CONFIG, STRONG } from "../../../testbed/gateway-fixture.ts";
import { callerOf, createMemoryGateway } from "../../support/gateway-in-memory.ts";
import { ManualClock, START } from "../local-cloud/cloudflare/emulated-cloudflare.ts";
import { BASE, ENDING, openGateway, READER } from "./recording-gateway.ts";

const SECRETIVE = "key-or-value-of-a-caller";

describe("HEAD", () => {
  it("is answered as GET is, without what it holds", async () => {
    const clock = new ManualClock(START);
    const gateway = createMemoryGateway({ config: GATEWAY_CONFIG, clock, kvOf: () => ({}) as KvBinding });
    const call = callerOf(gateway);
    const send = (method: string, path: string, body?: string) => call(method, `${BASE}/${STRONG.id}${path}`, body);
    await send("PUT", "/values/k", "value");
    const [get, head] = [await send("GET", "/values/k"), await send("HEAD", "/values/k")];
    expect([head.status, [...head.headers]]).toEqual([200, [...get.headers]]);
    expect(await head.text()).toBe("");
    expect((await send("HEAD", "/values/none")).status).toBe(404);
    expect((await send("HEAD", "/keys")).status).toBe(200);
    const refused = await send("HEAD", "/bulk/delete");
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "POST"]);
    expect(gateway.log).toHaveLength(1);
  });
});

describe("the gateway", () => {
  it("says to anybody that it runs, and nothing else", async () => {
    const { send } = openGateway();
    expect(await send("GET", "/kvshift/v1/health", { credential: "" })).toMatchObject({ result: { status: "ok" } });
    for (const path of [BASE, `${BASE}/${STRONG.id}/keys`, "/client/v4/user/tokens/verify", "/kvshift/v1/usage", "/"]) {
      expect(await send("GET", path, { credential: "" })).toMatchObject({ status: 401, code: 10000 });
    }
  });

  it("knows no other paths", async () => {
    expect(await openGateway().send("GET", "/client/v4/zones")).toEqual({ status: 404, code: 7003, result: null });
  });

  it("reaches the store of the namespace in the path", async () => {
    const { send, callsOn } = openGateway();
    await send("DELETE", `${BASE}/${STRONG.id}/values/k`);
    expect([callsOn(STRONG), callsOn(EVENTUAL)]).toEqual([[["delete", "k"]], []]);
    await send("GET", `${BASE}/${EVENTUAL.id}/keys?limit=10&prefix=p`);
    expect(callsOn(EVENTUAL)).toEqual([["list", { prefix: "p", cursor: undefined, limit: 10 }]]);
  });

  it.each([
    ["another account", BASE.replace(GATEWAY_ACCOUNT, "f".repeat(32)), "dev-application-a1"],
    ["a namespace that does not exist", `${BASE}/${"0".repeat(32)}/keys`, "dev-application-a1"],
    ["a namespace by its name", `${BASE}/${STRONG.name}/keys`, "dev-application-a1"],
    ["a namespace out of reach", `${BASE}/${EVENTUAL.id}/keys`, READER.id],
    ["another account's token", `/client/v4/accounts/${"f".repeat(32)}/tokens/verify`, "dev-application-a1"],
  ])("finds no namespace in %s", async (_, path, credential) => {
    const { send, callsOn } = openGateway();
    expect(await send("GET", path, { credential })).toEqual({ status: 404, code: 10013, result: null });
    expect([...callsOn(STRONG), ...callsOn(EVENTUAL)]).toEqual([]);
  });

  it.each([
    ["PUT", "values/k", "v"],
    ["DELETE", "values/k", undefined],
    ["PUT", "bulk", "[]"],
    ["DELETE", "bulk", "[]"],
    ["POST", "bulk/delete", "[]"],
  ])("does not let a credential that only reads say %s %s", async (method, path, body) => {
    const { send, callsOn } = openGateway();
    const init = { credential: READER.id, ...(body === undefined ? {} : { body }) };
    expect(await send(method, `${BASE}/${STRONG.id}/${path}`, init)).toEqual({
      status: 404,
      code: 10013,
      result: null,
    });
    expect(callsOn(STRONG)).toEqual([]);
  });

  it("lets a credential that only reads read in every way", async () => {
    const { send } = openGateway();
    const init = { credential: READER.id };
    const base = `${BASE}/${STRONG.id}`;
    expect((await send("GET", `${base}/keys`, init)).status).toBe(200);
    expect(await send("GET", `${base}/values/k`, init)).toMatchObject({ code: 10009 });
    expect((await send("POST", `${base}/bulk/get`, { ...init, body: '{"keys":["k"]}' })).status).toBe(200);
    expect((await send("GET", BASE, init)).result).toMatchObject([{ id: STRONG.id }]);
  });

  it("verifies a credential, with its end where it has one", async () => {
    const { send } = openGateway();
    const verify = (credential: string) => send("GET", "/client/v4/user/tokens/verify", { credential });
    expect((await verify("dev-application-a1")).result).toEqual({ id: "dev-application-a1", status: "active" });
    expect((await verify(ENDING.id)).result).toEqual({
      id: ENDING.id,
      status: "active",
      expires_on: ENDING.expiresAt,
    });
    expect(await send("POST", "/client/v4/user/tokens/verify")).toMatchObject({ status: 405, code: 10405 });
  });

  it("shows evidence to the operator only, and takes none but parity", async () => {
    const { send } = openGateway();
    const operator = { credential: "dev-operator-a1" };
    expect((await send("GET", "/kvshift/v1/usage", operator)).result).toMatchObject({
      now: START,
      uses: [{ credential: "c" }],
      refusals: [],
    });
    expect((await send("GET", "/kvshift/v1/parity", operator)).result).toEqual([]);
    expect(await send("POST", "/kvshift/v1/usage", operator)).toMatchObject({ status: 405, code: 10405 });
    for (const path of ["usage", "parity"]) {
      expect(await send("GET", `/kvshift/v1/${path}`)).toMatchObject({ status: 404, code: 10013 });
    }
  });

  it("asks for a repetition where the ledger does not answer", async () => {
    const { send, log } = openGateway({}, { usage: () => Promise.reject(new Error(SECRETIVE)) });
    const operator = { credential: "dev-operator-a1" };
    expect(await send("GET", "/kvshift/v1/usage", operator)).toEqual({ status: 503, code: 10002, result: null });
    expect(JSON.stringify(log)).not.toContain(SECRETIVE);
  });

  it("gives each request the calls to storage that a Worker may make, but for those of the ledger", async () => {
    const { send, callsOn } = openGateway();
    await send("PUT", `${BASE}/${STRONG.id}/bulk`, { body: '[{"key":"k","value":"v"}]' });
    await send("POST", `${BASE}/${STRONG.id}/bulk/delete`, { body: '["k"]' });
    expect(callsOn(STRONG).map(([method, , budget]) => [method, budget])).toEqual([
      ["putMany", { left: 980 }],
      ["deleteMany", { left: 980 }],
    ]);
  });

  it("reads the rest of a body that it refuses", async () => {
    const { gateway } = openGateway();
    const request = new Request(`https://gateway.test${BASE}`, { method: "PUT", body: "v".repeat(1000) });
    await gateway(request, () => undefined);
    expect(request.bodyUsed).toBe(true);
  });
});
