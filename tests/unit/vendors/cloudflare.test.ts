import { describe, expect, it } from "vitest";

import { createCloudflare } from "../../../src/vendors/cloudflare.ts";
import { BASE, json, type Scripted, scriptedApi } from "./scripted-api.ts";

const ACCOUNT = "a".repeat(32);
const NAMESPACES = `/accounts/${ACCOUNT}/storage/kv/namespaces`;

const namespaces = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ id: `n${String(from + index)}`, title: `t${String(from + index)}` }));
const page = (result: unknown, info?: object) =>
  json({ success: true, result, ...(info === undefined ? {} : { result_info: info }) });
const refused = (status: number, code: number) => json({ success: false, errors: [{ code, message: "no" }] }, status);

function scripted(...script: readonly Scripted[]) {
  const api = scriptedApi(script, { repeats: 0 });
  return {
    cloudflare: createCloudflare(api.send),
    /** `GET /path`, with what follows the base. */
    asked: () => api.sent.map(({ url, init }) => `${String(init.method)} ${url.slice(BASE.length)}`),
    bodies: () => api.sent.map(({ init }) => init.body),
  };
}

describe("a list of Cloudflare", () => {
  it("is read page by page until all that there is has come", async () => {
    const info = { total_count: 120 };
    const { cloudflare, asked } = scripted(
      page(namespaces(50), info),
      page(namespaces(50, 50), info),
      page(namespaces(20, 100), info),
    );
    expect(await cloudflare.namespaces(ACCOUNT)).toEqual(namespaces(120));
    expect(asked()).toEqual([1, 2, 3].map((number) => `GET ${NAMESPACES}?page=${String(number)}&per_page=50`));
  });

  it("ends with a full page where that is all", async () => {
    const { cloudflare, asked } = scripted(page(namespaces(50), { total_count: 50 }));
    expect(await cloudflare.namespaces(ACCOUNT)).toHaveLength(50);
    expect(asked()).toHaveLength(1);
  });

  it.each([
    ["without result_info", undefined],
    ["with a result_info that counts nothing", { page: 1 }],
  ])("ends with a page that is not full, %s", async (_what, info) => {
    const { cloudflare, asked } = scripted(page(namespaces(50), info), page(namespaces(3, 50), info));
    expect(await cloudflare.namespaces(ACCOUNT)).toEqual(namespaces(53));
    expect(asked()).toHaveLength(2);
  });

  it("ends with an empty page, although more was promised", async () => {
    const { cloudflare, asked } = scripted(page(namespaces(50), { total_count: 99 }), page([], { total_count: 99 }));
    expect(await cloudflare.namespaces(ACCOUNT)).toHaveLength(50);
    expect(asked()).toHaveLength(2);
  });

  it("fails as a whole where one page fails", async () => {
    const { cloudflare } = scripted(page(namespaces(50), { total_count: 51 }), refused(403, 10000));
    await expect(cloudflare.namespaces(ACCOUNT)).rejects.toMatchObject({
      code: "VENDOR_FAILED",
      details: [`GET ${NAMESPACES}: answered 403`, "10000: no"],
    });
  });
});

describe("tokens", () => {
  it("are listed with those that have expired, and never hold a value", async () => {
    const token = { id: "t1", name: "brainbot-dev-application-a1", status: "expired", expires_on: null };
    const { cloudflare, asked } = scripted(page([{ ...token, value: "v".repeat(20), policies: [] }]));
    expect(await cloudflare.tokens(ACCOUNT)).toEqual([token]);
    expect(asked()).toEqual([`GET /accounts/${ACCOUNT}/tokens?include_expired=true&page=1&per_page=50`]);
  });
});

describe("accounts", () => {
  it("are listed with id and name", async () => {
    const { cloudflare, asked } = scripted(page([{ id: ACCOUNT, name: "first", type: "standard" }]));
    expect(await cloudflare.accounts()).toEqual([{ id: ACCOUNT, name: "first" }]);
    expect(asked()).toEqual(["GET /accounts?page=1&per_page=50"]);
  });

  it("are refused to a token of an account", async () => {
    const { cloudflare } = scripted(refused(400, 1001));
    await expect(cloudflare.accounts()).rejects.toMatchObject({ code: "VENDOR_FAILED", retryable: false });
  });
});

describe("one namespace", () => {
  it("is found by its id", async () => {
    const { cloudflare, asked } = scripted(json({ result: { id: "n1", title: "t1", supports_url_encoding: true } }));
    expect(await cloudflare.namespace(ACCOUNT, "n1")).toEqual({ id: "n1", title: "t1" });
    expect(asked()).toEqual([`GET ${NAMESPACES}/n1`]);
  });

  it("is undefined where there is none", async () => {
    expect(await scripted(refused(404, 10013)).cloudflare.namespace(ACCOUNT, "n1")).toBeUndefined();
  });

  it("is no reason to take a refusal for an absence", async () => {
    await expect(scripted(refused(403, 10000)).cloudflare.namespace(ACCOUNT, "n1")).rejects.toMatchObject({
      code: "VENDOR_FAILED",
    });
  });

  it("gets another title, and nothing else", async () => {
    const { cloudflare, asked, bodies } = scripted(json({ success: true, result: {} }));
    await cloudflare.renameNamespace(ACCOUNT, "n1", "new");
    expect([asked(), bodies()]).toEqual([[`PUT ${NAMESPACES}/n1`], ['{"title":"new"}']]);
  });

  it("does not leave its path, whatever its id is", async () => {
    const { cloudflare, asked } = scripted(refused(404, 10013));
    await cloudflare.namespace("../..", "a/b?c");
    expect(asked()).toEqual(["GET /accounts/..%2F../storage/kv/namespaces/a%2Fb%3Fc"]);
  });
});

describe.each([
  ["a namespace", "deleteNamespace", `${NAMESPACES}/n1`],
  ["a token", "deleteToken", `/accounts/${ACCOUNT}/tokens/n1`],
] as const)("deleting %s", (_what, method, path) => {
  it.each([200, 404])("holds with %s: what is gone is deleted", async (status) => {
    const { cloudflare, asked } = scripted(json({ success: status === 200 }, status));
    await cloudflare[method](ACCOUNT, "n1");
    expect(asked()).toEqual([`DELETE ${path}`]);
  });

  it("fails where Cloudflare refuses", async () => {
    await expect(scripted(refused(403, 10000)).cloudflare[method](ACCOUNT, "n1")).rejects.toMatchObject({
      code: "VENDOR_FAILED",
      details: [`DELETE ${path}: answered 403`, "10000: no"],
    });
  });
});

describe("an answer that is not understood", () => {
  it.each([
    ["an item without id", page([{ title: "t" }]), "result.0.id"],
    ["no list", json({ result: null }), "result"],
    ["no JSON", new Response("<html>"), "the whole answer"],
  ])("(%s) is an error of the vendor that names the place", async (_what, response, place) => {
    await expect(scripted(response).cloudflare.namespaces(ACCOUNT)).rejects.toMatchObject({
      code: "VENDOR_FAILED",
      details: [expect.any(String), `not understood: ${place}`],
    });
  });
});

describe("Workers", () => {
  const WORKERS = `/accounts/${ACCOUNT}/workers/workers`;
  const DEPLOYMENTS = `/accounts/${ACCOUNT}/workers/scripts/brainbot-dev-gateway/deployments`;

  it("are found by id or by name, one that is not there is undefined", async () => {
    const { cloudflare, asked } = scripted(
      page({ id: "w1", name: "brainbot-dev-gateway", tags: [] }),
      refused(404, 10007),
    );
    expect(await cloudflare.worker(ACCOUNT, "brainbot-dev-gateway")).toEqual({
      id: "w1",
      name: "brainbot-dev-gateway",
    });
    expect(await cloudflare.worker(ACCOUNT, "w2")).toBeUndefined();
    expect(asked()).toEqual([`GET ${WORKERS}/brainbot-dev-gateway`, `GET ${WORKERS}/w2`]);
  });

  it.each([200, 404])("are gone after a deletion that is answered with %i", async (status) => {
    const { cloudflare, asked } = scripted(status === 200 ? page([]) : refused(status, 10007));
    await expect(cloudflare.deleteWorker(ACCOUNT, "w1")).resolves.toBeUndefined();
    expect(asked()).toEqual([`DELETE ${WORKERS}/w1`]);
  });

  it("serve what the newest deployment says, which comes first", async () => {
    const deployment = (...ids: readonly string[]) => ({
      versions: ids.map((id) => ({ version_id: id, percentage: 100 / ids.length })),
    });
    const { cloudflare, asked } = scripted(page({ deployments: [deployment("v3", "v2"), deployment("v1")] }));
    expect(await cloudflare.deployedVersions(ACCOUNT, "brainbot-dev-gateway")).toEqual([
      { id: "v3", percentage: 50 },
      { id: "v2", percentage: 50 },
    ]);
    expect(asked()).toEqual([`GET ${DEPLOYMENTS}`]);
  });

  it("are given the texts of a version, which hold no secret; none where it is gone", async () => {
    const bindings = [
      { type: "plain_text", name: "KVSHIFT_ENVIRONMENT", text: "dev" },
      { type: "secret_text", name: "KEY" },
      { type: "kv_namespace", name: "KV", namespace_id: "n1" },
    ];
    const { cloudflare, asked } = scripted(page({ id: "v1", bindings }), page({ id: "v2" }), refused(404, 10007));
    expect([...(await cloudflare.versionTexts(ACCOUNT, "w1", "v1"))]).toEqual([["KVSHIFT_ENVIRONMENT", "dev"]]);
    expect((await cloudflare.versionTexts(ACCOUNT, "w1", "v2")).size).toBe(0);
    expect((await cloudflare.versionTexts(ACCOUNT, "w1", "v3")).size).toBe(0);
    expect(asked()[0]).toBe(`GET ${WORKERS}/w1/versions/v1`);
  });

  it("serve nothing where they were never deployed, or are gone", async () => {
    const { cloudflare } = scripted(page({ deployments: [] }), refused(404, 10007));
    expect(await cloudflare.deployedVersions(ACCOUNT, "brainbot-dev-gateway")).toEqual([]);
    expect(await cloudflare.deployedVersions(ACCOUNT, "brainbot-dev-gateway")).toEqual([]);
  });
});
