import { describe, expect, test } from "vitest";

import { ACCOUNT, emulateCloudflare, errorOf, idOf, objectOf } from "./emulated-cloudflare.ts";

const DOMAIN = { hostname: "kv.example.com", service: "gateway" };

async function withWorker() {
  const cloud = emulateCloudflare({ accounts: [{ id: ACCOUNT, name: "first", workersSubdomain: "team" }] });
  await cloud.call("POST", "/workers/workers", { json: { name: "gateway" } });
  return cloud;
}

describe("a host name of a Worker", () => {
  test("is attached, attached again without a second one, found and detached", async () => {
    const { call } = await withWorker();
    const first = await call("PUT", "/workers/domains", { json: { ...DOMAIN, zone_id: "z" } });
    expect(objectOf(first)).toMatchObject({ ...DOMAIN, zone_id: "z", zone_name: "example.com" });
    const path = `/workers/domains/${idOf(first)}`;
    const again = await call("PUT", "/workers/domains", { json: DOMAIN });
    expect(again.json.result).toEqual(first.json.result);
    expect((await call("GET", "/workers/domains")).json.result).toEqual([first.json.result]);
    expect((await call("GET", path)).json.result).toEqual(first.json.result);
    expect((await call("DELETE", path)).json.result).toBeNull();
    expect(errorOf(await call("GET", path))).toEqual({ status: 404, code: 10007 });
  });

  test("needs a Worker and a name that can be one", async () => {
    const { call } = await withWorker();
    const refused = [
      { ...DOMAIN, service: "other" },
      { ...DOMAIN, hostname: "https://kv" },
    ];
    const answers = await Promise.all(refused.map(async (json) => call("PUT", "/workers/domains", { json })));
    expect(answers.map(errorOf)).toEqual([
      { status: 404, code: 10007 },
      { status: 400, code: 10021 },
    ]);
  });
});

describe("the name of an account below workers.dev", () => {
  test("is told, or that there is none", async () => {
    expect((await (await withWorker()).call("GET", "/workers/subdomain")).json.result).toEqual({ subdomain: "team" });
    expect(errorOf(await emulateCloudflare().call("GET", "/workers/subdomain"))).toEqual({ status: 404, code: 10007 });
  });
});
