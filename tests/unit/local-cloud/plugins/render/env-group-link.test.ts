import { describe, expect, it } from "vitest";

import { envGroupLinkType } from "../../../../../local-cloud/plugins/render/env-group-link.ts";
import { type ScriptedAnswer, scriptedVendor, UNKNOWN } from "../scripted-vendor.ts";

function linked(...services: readonly string[]): ScriptedAnswer {
  return { status: 200, body: { id: "evg-1", serviceLinks: services.map((id) => ({ id, name: id, type: "web" })) } };
}

const inputs = { envGroupId: "evg-1", serviceIds: ["srv-2", "srv-1"] };

describe("EnvGroupLink", () => {
  it("reads the group, then links each service, and has no id of its own", async () => {
    const vendor = scriptedVendor(linked(), linked("srv-2"), linked("srv-1", "srv-2"));
    await expect(envGroupLinkType(vendor.render).create(inputs)).resolves.toEqual({ id: "missing ID", state: inputs });
    expect(vendor.calls).toEqual([
      "GET /env-groups/evg-1",
      "POST /env-groups/evg-1/services/srv-2",
      "POST /env-groups/evg-1/services/srv-1",
    ]);
  });

  it("refuses a group that has links of others, before it makes any", async () => {
    const vendor = scriptedVendor(linked("srv-9"));
    await expect(envGroupLinkType(vendor.render).create(inputs)).rejects.toThrow(
      "service link already exists for evg-1",
    );
    expect(vendor.calls).toHaveLength(1);
  });

  it("links what is new, then unlinks what is gone, then reads the group", async () => {
    const vendor = scriptedVendor(linked(), { status: 404, body: { message: "no" } }, linked("srv-2", "srv-3"));
    const after = { envGroupId: "evg-1", serviceIds: ["srv-3", "srv-2"] };
    await expect(envGroupLinkType(vendor.render).update("missing ID", inputs, after)).resolves.toEqual(after);
    expect(vendor.calls).toEqual([
      "POST /env-groups/evg-1/services/srv-3",
      "DELETE /env-groups/evg-1/services/srv-1",
      "GET /env-groups/evg-1",
    ]);
  });

  it("takes the services for a set, and every change is made in place", async () => {
    const type = envGroupLinkType(scriptedVendor().render);
    const reordered = { envGroupId: "evg-1", serviceIds: ["srv-1", "srv-2"] };
    await expect(type.diff(inputs, reordered)).resolves.toEqual({ changed: [], replaces: [] });
    await expect(type.diff(inputs, { ...inputs, envGroupId: UNKNOWN, serviceIds: [UNKNOWN] })).resolves.toEqual({
      changed: ["envGroupId", "serviceIds"],
      replaces: [],
    });
  });

  it("is not dropped when its group is gone: that is an error", async () => {
    const type = envGroupLinkType(scriptedVendor({ status: 404, body: { message: "no" } }).render);
    await expect(type.read("missing ID", inputs)).rejects.toThrow(/^unexpected status: 404$/);
  });

  it("shows links that others made", async () => {
    const type = envGroupLinkType(scriptedVendor(linked("srv-1", "srv-2", "srv-9")).render);
    const refreshed = await type.read("missing ID", inputs);
    await expect(type.diff(refreshed?.state ?? {}, inputs)).resolves.toEqual({ changed: ["serviceIds"], replaces: [] });
  });

  it("unlinks every service on delete, also those that are unlinked already", async () => {
    const vendor = scriptedVendor({ status: 204 }, { status: 404, body: { message: "no" } });
    await envGroupLinkType(vendor.render).delete("missing ID", inputs);
    expect(vendor.calls).toEqual([
      "DELETE /env-groups/evg-1/services/srv-2",
      "DELETE /env-groups/evg-1/services/srv-1",
    ]);
  });

  it("needs at least one service", async () => {
    const type = envGroupLinkType(scriptedVendor().render);
    await expect(type.check({ envGroupId: UNKNOWN, serviceIds: [] })).resolves.toEqual([
      { property: "serviceIds", reason: "The set must have at least one element." },
    ]);
  });
});

describe("refusals of Render", () => {
  it.each([
    { answer: { status: 400, body: { message: "name is taken" } }, reason: "name is taken" },
    { answer: { status: 403, body: {} }, reason: "received 403" },
    { answer: { status: 404, body: { message: "ignored" } }, reason: "not found" },
    { answer: { status: 500, body: { message: "ignored" } }, reason: "unexpected status code: 500" },
  ])("are explained as by the official provider: $reason", async ({ answer, reason }) => {
    const { render } = scriptedVendor(answer);
    const call = render.call("PUT", "/x", [200], { value: "hidden" });
    await expect(call).rejects.toMatchObject({
      message: `PUT "http://127.0.0.1:9/x": ${String(answer.status)}: ${reason}`,
      status: answer.status,
    });
  });
});
