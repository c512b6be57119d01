import { describe, expect, test } from "vitest";

import {
  emulateCloudflare,
  type EmulatedCloudflare,
  errorOf,
  fieldOfEach,
  idOf,
  objectOf,
  OTHER_ACCOUNT,
} from "./emulated-cloudflare.ts";

const CODE = Buffer.from("export default {}").toString("base64");
const MODULES = [{ name: "gateway.js", content_type: "application/javascript+module", content_base64: CODE }];
const VERSION = { main_module: "gateway.js", compatibility_date: "2026-07-01", modules: MODULES };
const REFUSED = { status: 400, code: 10021 };
const MISSING = { status: 404, code: 10007 };

async function withWorker(): Promise<EmulatedCloudflare & { readonly id: string }> {
  const cloud = emulateCloudflare();
  return { ...cloud, id: idOf(await cloud.call("POST", "/workers/workers", { json: { name: "gateway" } })) };
}

async function upload(cloud: EmulatedCloudflare, body: object = {}, query = ""): Promise<Record<string, unknown>> {
  const uploaded = await cloud.call("POST", `/workers/workers/gateway/versions${query}`, {
    json: { ...VERSION, ...body },
  });
  return objectOf(uploaded);
}

describe("a Worker", () => {
  test("is found by id and by name, and nowhere after the delete", async () => {
    const { call, id } = await withWorker();
    const byId = await call("GET", `/workers/workers/${id}`);
    expect(byId.json.result).toMatchObject({ id, name: "gateway", subdomain: { enabled: false } });
    expect((await call("GET", "/workers/workers/gateway")).json).toEqual(byId.json);
    expect((await call("GET", "/workers/workers")).json.result).toEqual([byId.json.result]);
    expect((await call("DELETE", "/workers/workers/gateway")).json.result).toBeNull();
    expect(errorOf(await call("GET", `/workers/workers/${id}`))).toEqual(MISSING);
    expect(errorOf(await call("DELETE", `/workers/workers/${id}`))).toEqual(MISSING);
    expect((await call("GET", "/workers/workers")).json.result).toEqual([]);
  });

  test("is not found through another account", async () => {
    const { callAnywhere, emulator, id } = await withWorker();
    const token = emulator.userToken.reveal();
    const answer = await callAnywhere("GET", `/accounts/${OTHER_ACCOUNT}/workers/workers/${id}`, { token });
    expect(errorOf(answer)).toEqual(MISSING);
  });

  test("has a name of its own in the account", async () => {
    const { call } = await withWorker();
    await call("POST", "/workers/workers", { json: { name: "other" } });
    const again = await call("POST", "/workers/workers", { json: { name: "gateway" } });
    const renamed = await call("PUT", "/workers/workers/other", { json: { name: "gateway" } });
    expect([errorOf(again), errorOf(renamed)]).toEqual([
      { status: 409, code: 10021 },
      { status: 409, code: 10021 },
    ]);
  });

  test("is replaced as a whole by an update", async () => {
    const { call, clock } = await withWorker();
    await call("PUT", "/workers/workers/gateway", { json: { name: "gateway", tags: ["t"], logpush: true } });
    clock.advance(1_000);
    const { json } = await call("PUT", "/workers/workers/gateway", { json: { name: "renamed" } });
    expect(json.result).toMatchObject({
      name: "renamed",
      tags: [],
      logpush: false,
      created_on: "2026-11-23T00:00:00.000Z",
      updated_on: "2026-11-23T00:00:01.000Z",
    });
  });

  test.each([{}, { name: "" }, { name: "with space" }, { name: "n".repeat(256) }, { name: "n", tags: "t" }])(
    "is not created from %j",
    async (json) => {
      expect(errorOf(await emulateCloudflare().call("POST", "/workers/workers", { json }))).toEqual(REFUSED);
    },
  );
});

describe("a version", () => {
  test("shows its modules in the answer to the upload and on demand only", async () => {
    const cloud = await withWorker();
    const { id, modules } = await upload(cloud);
    expect(modules).toEqual(MODULES);
    const path = `/workers/workers/${cloud.id}/versions`;
    const plain = objectOf(await cloud.call("GET", `${path}/${String(id)}`));
    const full = (await cloud.call("GET", `${path}/${String(id)}?include=modules`)).json.result;
    expect(plain).not.toHaveProperty("modules");
    expect(full).toEqual({ ...plain, modules: MODULES });
    expect((await cloud.call("GET", path)).json.result).toEqual([plain]);
  });

  test("counts up, and the list begins with the newest", async () => {
    const cloud = await withWorker();
    for (let count = 1; count <= 3; count += 1) await upload(cloud);
    expect(fieldOfEach(await cloud.call("GET", "/workers/workers/gateway/versions"), "number")).toEqual([3, 2, 1]);
  });

  test("keeps the order of bindings and gives no secret back", async () => {
    const cloud = await withWorker();
    const namespaceId = await cloud.createNamespace();
    const bindings = [
      { name: "A", type: "secret_text", text: "hidden-from-answers" },
      { name: "B", type: "kv_namespace", namespace_id: namespaceId },
      { name: "C", type: "json", json: { text: "shown" } },
    ];
    const result = await upload(cloud, { bindings });
    expect(result["bindings"]).toEqual([{ name: "A", type: "secret_text" }, bindings[1], bindings[2]]);
  });

  test("with ?deploy=true serves at once and takes over its migrations", async () => {
    const cloud = await withWorker();
    const migrations = { new_tag: "v1", new_sqlite_classes: ["Store"] };
    const { id, migration_tag: tag, migrations: shown } = await upload(cloud, { migrations }, "?deploy=true");
    expect([tag, shown]).toEqual(["v1", undefined]);
    const { json } = await cloud.call("GET", "/workers/scripts/gateway/deployments");
    expect(json.result).toMatchObject({ deployments: [{ versions: [{ version_id: id, percentage: 100 }] }] });
  });

  test("with exports is answered with them", async () => {
    const exports = { Store: { type: "durable-object", storage: "sqlite" } };
    expect(await upload(await withWorker(), { exports })).toMatchObject({ exports });
  });

  test.each([
    ["a main module that is not there", { main_module: "other.js" }],
    ["a module that is no base64", { modules: [{ ...MODULES[0], content_base64: "not base64" }] }],
    ["a date that is none", { compatibility_date: "yesterday" }],
    ["a binding without a type", { bindings: [{ name: "A" }] }],
    ["exports next to migrations", { exports: {}, migrations: { new_tag: "v1" } }],
  ])("is refused with %s", async (_, body) => {
    const { call } = await withWorker();
    const answer = await call("POST", "/workers/workers/gateway/versions", { json: { ...VERSION, ...body } });
    expect(errorOf(answer)).toEqual(REFUSED);
  });

  test("is refused with a binding to a namespace that does not exist", async () => {
    const { call } = await withWorker();
    const bindings = [{ name: "KV", type: "kv_namespace", namespace_id: "0".repeat(32) }];
    const answer = await call("POST", "/workers/workers/gateway/versions", { json: { ...VERSION, bindings } });
    expect(errorOf(answer)).toEqual({ status: 400, code: 10041 });
  });

  test("is not there before it was uploaded, nor is one of an unknown Worker", async () => {
    const { call } = await withWorker();
    expect(errorOf(await call("GET", "/workers/workers/gateway/versions/none"))).toEqual(MISSING);
    expect(errorOf(await call("POST", "/workers/workers/none/versions", { json: VERSION }))).toEqual(MISSING);
  });
});

describe("a deployment", () => {
  const path = "/workers/scripts/gateway/deployments";

  test("splits requests over two versions; the list begins with the newest", async () => {
    const cloud = await withWorker();
    const [first, second] = [await upload(cloud), await upload(cloud)];
    const whole = { strategy: "percentage", versions: [{ version_id: first["id"], percentage: 100 }] };
    const split = {
      strategy: "percentage",
      versions: [
        { version_id: first["id"], percentage: 99.5 },
        { version_id: second["id"], percentage: 0.5 },
      ],
    };
    const answers = [await cloud.call("POST", path, { json: whole }), await cloud.call("POST", path, { json: split })];
    const deployments = answers.map(({ json }) => json.result);
    expect(deployments).toMatchObject([whole, split]);
    expect((await cloud.call("GET", path)).json.result).toEqual({ deployments: deployments.toReversed() });
    const one = await cloud.call("GET", `${path}/${answers.map(idOf)[0] ?? ""}`);
    expect(one.json.result).toEqual(deployments[0]);
  });

  test.each([
    ["99 percent", [99]],
    ["no version", []],
    ["three versions", [50, 25, 25]],
    ["more than all", [150, -50]],
  ])("is refused for %s", async (_, percentages) => {
    const cloud = await withWorker();
    const { id } = await upload(cloud);
    const json = {
      strategy: "percentage",
      versions: percentages.map((percentage) => ({ version_id: id, percentage })),
    };
    expect(errorOf(await cloud.call("POST", path, { json }))).toEqual(REFUSED);
  });

  test("is refused for a version that does not exist, and a script that does not", async () => {
    const cloud = await withWorker();
    const json = { strategy: "percentage", versions: [{ version_id: "none", percentage: 100 }] };
    expect(errorOf(await cloud.call("POST", path, { json }))).toEqual(REFUSED);
    expect(errorOf(await cloud.call("POST", path.replace("gateway", "none"), { json }))).toEqual(MISSING);
    expect(errorOf(await cloud.call("GET", `${path}/none`))).toEqual(MISSING);
  });
});
