import { describe, expect, it } from "vitest";

import { workerVersionType } from "../../../../../local-cloud/plugins/cloudflare/worker-version.ts";
import type { Properties } from "../../../../../local-cloud/plugins/plain.ts";
import { failure, result, scriptedVendor, UNKNOWN } from "../scripted-vendor.ts";

const files = new Map([["gateway.js", "first"]]);
const readFile = (path: string): Promise<Uint8Array> => {
  const content = files.get(path);
  return content === undefined ? Promise.reject(new Error("no such file")) : Promise.resolve(Buffer.from(content));
};

const inputs = {
  accountId: "acc",
  workerId: "wrk",
  mainModule: "gateway.js",
  compatibilityDate: "2026-07-01",
  modules: [{ name: "gateway.js", contentType: "application/javascript+module", contentFile: "gateway.js" }],
  bindings: [
    { type: "kv_namespace", name: "SESSIONS", namespaceId: "ns" },
    { type: "json", name: "CREDENTIALS", json: '[{"b":1,"a":2}]' },
  ],
} satisfies Properties;

const answer = { id: "v1", number: 1, usage_model: "standard", compatibility_flags: [], limits: null };

async function created(extra: Properties = {}) {
  const vendor = scriptedVendor(result(answer));
  const type = workerVersionType(vendor.cloudflare, readFile);
  const { state } = await type.create({ ...inputs, ...extra });
  const [call = ""] = vendor.calls;
  const body: unknown = JSON.parse(call.slice(call.indexOf("{")));
  return { type, state, vendor, path: call.slice(0, call.indexOf(" {")), body };
}

describe("WorkerVersion", () => {
  it("sends files as base64, bindings sorted by name, and parsed JSON", async () => {
    const { path, body } = await created();
    expect(path).toBe("POST /accounts/acc/workers/workers/wrk/versions");
    expect(body).toEqual({
      main_module: "gateway.js",
      compatibility_date: "2026-07-01",
      usage_model: "standard",
      modules: [
        {
          name: "gateway.js",
          content_type: "application/javascript+module",
          content_base64: Buffer.from("first").toString("base64"),
        },
      ],
      bindings: [
        { type: "json", name: "CREDENTIALS", json: [{ b: 1, a: 2 }] },
        { type: "kv_namespace", name: "SESSIONS", namespace_id: "ns" },
      ],
    });
  });

  it("sends exports in the body, their class names as they are, and deploy as a query", async () => {
    const extra = { deploy: true, exports: { StrongNamespace: { type: "durable-object", renamedTo: "Other" } } };
    const { path, body } = await created(extra);
    expect(path).toBe("POST /accounts/acc/workers/workers/wrk/versions?deploy=true");
    expect(body).toMatchObject({ exports: { StrongNamespace: { type: "durable-object", renamed_to: "Other" } } });
    expect(body).not.toHaveProperty("deploy");
  });

  it("shows no difference for the same inputs in another order", async () => {
    const { type, state } = await created();
    const reordered = {
      ...inputs,
      bindings: [{ type: "json", name: "CREDENTIALS", json: '[{"a":2,"b":1}]' }, ...inputs.bindings.slice(0, 1)],
    };
    await expect(type.diff(state, inputs)).resolves.toEqual({ changed: [], replaces: [] });
    await expect(type.diff(state, reordered)).resolves.toEqual({ changed: [], replaces: [] });
  });

  it("is replaced when the content of a file changes under the same path", async () => {
    const { type, state } = await created();
    files.set("gateway.js", "second");
    const difference = await type.diff(state, inputs);
    files.set("gateway.js", "first");
    expect(difference).toEqual({ changed: ["modules"], replaces: ["modules"] });
  });

  it("is not replaced when the same content comes from elsewhere", async () => {
    const { type, state } = await created();
    const [module] = inputs.modules;
    const inline = {
      name: module?.name,
      contentType: module?.contentType,
      contentBase64: Buffer.from("first").toString("base64"),
    };
    await expect(type.diff(state, { ...inputs, modules: [inline] })).resolves.toEqual({ changed: [], replaces: [] });
  });

  it("is replaced by any other change, known or not", async () => {
    const { type, state } = await created();
    const changes: readonly Properties[] = [
      { workerId: UNKNOWN },
      { deploy: true },
      { modules: UNKNOWN },
      { bindings: UNKNOWN },
      { bindings: [{ type: "kv_namespace", name: "SESSIONS", namespaceId: UNKNOWN }] },
      { exports: { A: { type: "durable-object" } } },
    ];
    for (const change of changes) {
      const { changed, replaces } = await type.diff(state, { ...inputs, ...change });
      expect({ changed, replaces }).toEqual({ changed: Object.keys(change), replaces: Object.keys(change) });
      await expect(type.check({ ...inputs, ...change })).resolves.toEqual([]);
    }
  });

  it("keeps what was uploaded in a refresh, whatever the file holds by then", async () => {
    const { state } = await created();
    const vendor = scriptedVendor(result({ ...answer, number: 7, modules: [], bindings: [] }));
    files.set("gateway.js", "second");
    const refreshed = await workerVersionType(vendor.cloudflare, readFile).read("v1", state);
    files.set("gateway.js", "first");
    expect(refreshed).toEqual({ id: "v1", state: { ...state, number: 7 } });
    expect(vendor.calls).toEqual(["GET /accounts/acc/workers/workers/wrk/versions/v1?include=modules"]);
  });

  it("is dropped by a refresh when it is gone, and deleted without a call", async () => {
    const vendor = scriptedVendor(failure(404, 10007, "not found"));
    const type = workerVersionType(vendor.cloudflare, readFile);
    await expect(type.read("v1", inputs)).resolves.toBeUndefined();
    await type.delete("v1", inputs);
    expect(vendor.calls).toHaveLength(1);
  });

  it("reports files that cannot be read and bindings that are no JSON before anything is made", async () => {
    const { type } = await created();
    const broken = {
      ...inputs,
      modules: [{ name: "a", contentType: "text/plain", contentFile: "missing.txt" }],
      bindings: [{ type: "json", name: "A", json: "hidden{" }],
    };
    await expect(type.check(broken)).resolves.toEqual([
      { property: "bindings[0].json", reason: "A string with JSON is expected." },
      { property: "modules[0].contentFile", reason: "The file cannot be read." },
    ]);
  });
});
