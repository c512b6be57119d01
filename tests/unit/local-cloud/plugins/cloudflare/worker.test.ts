import { describe, expect, it } from "vitest";

import { workerType } from "../../../../../local-cloud/plugins/cloudflare/worker.ts";
import { workersDeploymentType } from "../../../../../local-cloud/plugins/cloudflare/workers-deployment.ts";
import { failure, result, scriptedVendor } from "../scripted-vendor.ts";

const traces = { destinations: [], enabled: false, head_sampling_rate: 1, persist: true };
const logs = { enabled: false, head_sampling_rate: 1, invocation_logs: true };
const answer = {
  id: "wrk",
  name: "gateway",
  logpush: false,
  tags: [],
  tail_consumers: [],
  observability: { enabled: false, head_sampling_rate: 1, logs, traces },
  subdomain: { enabled: true, previews_enabled: false, url: "https://gateway.example.workers.dev" },
  deployed_on: null,
};
const inputs = { accountId: "acc", name: "gateway", subdomain: { enabled: true, previewsEnabled: false } };

function bodyOf(call = ""): unknown {
  return JSON.parse(call.slice(call.indexOf("{")));
}

describe("Worker", () => {
  it("is created with what the official provider sends where the program says nothing", async () => {
    const vendor = scriptedVendor(result(answer));
    const { state } = await workerType(vendor.cloudflare).create(inputs);
    expect(bodyOf(vendor.calls[0])).toEqual({
      logpush: false,
      name: "gateway",
      observability: { enabled: false, head_sampling_rate: 1, traces },
      subdomain: { enabled: true, previews_enabled: false },
      tags: [],
      tail_consumers: [],
    });
    await expect(workerType(vendor.cloudflare).diff(state, inputs)).resolves.toEqual({ changed: [], replaces: [] });
    expect(state).not.toHaveProperty("deployedOn");
  });

  it("sends the whole Worker with a change, what the vendor computed included", async () => {
    const vendor = scriptedVendor(result(answer), result(answer));
    const type = workerType(vendor.cloudflare);
    const { state } = await type.create(inputs);
    const changed = { ...inputs, subdomain: { enabled: true, previewsEnabled: true } };
    await expect(type.diff(state, changed)).resolves.toEqual({ changed: ["subdomain"], replaces: [] });
    await type.update("wrk", state, changed);
    expect(vendor.calls[1]).toContain("PUT /accounts/acc/workers/workers/wrk ");
    expect(bodyOf(vendor.calls[1])).toMatchObject({
      observability: { logs, traces },
      subdomain: { enabled: true, previews_enabled: true },
    });
    expect(vendor.calls[1]).not.toContain("workers.dev");
  });

  it("overlays only what the program says of its observability", async () => {
    const vendor = scriptedVendor(result(answer));
    await workerType(vendor.cloudflare).create({
      ...inputs,
      observability: { enabled: true, traces: { enabled: true } },
    });
    expect(bodyOf(vendor.calls[0])).toMatchObject({
      observability: { enabled: true, head_sampling_rate: 1, traces: { ...traces, enabled: true } },
    });
  });

  it("is dropped by a refresh when it is gone", async () => {
    const type = workerType(scriptedVendor(failure(404, 10007, "not found")).cloudflare);
    await expect(type.read("wrk", inputs)).resolves.toBeUndefined();
  });
});

describe("WorkersDeployment", () => {
  const deployment = {
    accountId: "acc",
    scriptName: "gateway",
    strategy: "percentage",
    versions: [{ versionId: "v1", percentage: 100 }],
  };
  const deployed = {
    id: "dep",
    strategy: "percentage",
    source: "api",
    annotations: {},
    versions: [{ version_id: "v1", percentage: 100 }],
  };

  it("is replaced by every change and deleted without a call", async () => {
    const vendor = scriptedVendor(result(deployed));
    const type = workersDeploymentType(vendor.cloudflare);
    const { id, state } = await type.create(deployment);
    expect({ id, state }).toEqual({ id: "dep", state: { ...deployment, source: "api" } });
    await expect(type.diff(state, deployment)).resolves.toEqual({ changed: [], replaces: [] });
    const other = { ...deployment, versions: [{ versionId: "v2", percentage: 100 }] };
    await expect(type.diff(state, other)).resolves.toEqual({ changed: ["versions"], replaces: ["versions"] });
    await type.delete(id, state);
    expect(vendor.calls).toHaveLength(1);
  });
});

describe("a Worker that is taken up", () => {
  it("has the settings that Cloudflare answers, as a program would say them", async () => {
    const vendor = scriptedVendor(result(answer));
    const imported = await workerType(vendor.cloudflare).import?.("acc/wrk");
    expect(vendor.calls).toEqual(["GET /accounts/acc/workers/workers/wrk"]);
    expect(imported).toMatchObject({ id: "wrk", inputs: { accountId: "acc", name: "gateway" } });
    await expect(workerType(vendor.cloudflare).diff(imported?.state ?? {}, inputs)).resolves.toEqual({
      changed: [],
      replaces: [],
    });
  });

  it("is gone where Cloudflare has none of that id", async () => {
    const type = workerType(scriptedVendor(failure(404, 10007, "not found")).cloudflare);
    await expect(type.import?.("acc/wrk")).resolves.toBeUndefined();
  });
});
