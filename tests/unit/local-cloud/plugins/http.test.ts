import { describe, expect, it } from "vitest";

import { createSender } from "../../../../local-cloud/plugins/http.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { scriptedVendor } from "./scripted-vendor.ts";

describe("a sender", () => {
  it("sends JSON with the key and refuses to follow a redirect", async () => {
    const vendor = scriptedVendor({ status: 200, body: { ok: true } });
    const answer = await vendor.send("POST", "/things?a=1", { name: "x" });
    expect(answer).toEqual({ status: 200, json: { ok: true }, summary: 'POST "http://127.0.0.1:9/things?a=1": 200' });
    expect(vendor.calls).toEqual(['POST /things?a=1 {"name":"x"}']);
    expect(vendor.requests[0]).toMatchObject({
      redirect: "error",
      headers: { Authorization: `Bearer ${"k".repeat(8)}`, "Content-Type": "application/json" },
    });
  });

  it("answers without JSON where the vendor sends none", async () => {
    const vendor = scriptedVendor({ status: 204 });
    expect((await vendor.send("DELETE", "/things/1")).json).toBeUndefined();
  });

  it("waits as long as the vendor asks for and repeats, but not for ever", async () => {
    const busy = { status: 429, headers: { "Retry-After": "7" }, body: { message: "later" } };
    const patient = scriptedVendor(busy, busy, { status: 200, body: {} });
    expect((await patient.send("GET", "/")).status).toBe(200);
    expect(patient.waits).toEqual([7000, 7000]);
    const hopeless = scriptedVendor(busy, busy, busy, busy, busy);
    expect((await hopeless.send("GET", "/")).status).toBe(429);
    expect(hopeless.waits).toHaveLength(3);
  });

  it("does not repeat where the vendor names no time, or on another error", async () => {
    const vendor = scriptedVendor({ status: 429, body: {} }, { status: 503, body: {} });
    expect((await vendor.send("GET", "/")).status).toBe(429);
    expect((await vendor.send("GET", "/")).status).toBe(503);
    expect(vendor.calls).toHaveLength(2);
  });

  it("reports a lost connection by its code, without the body or the key", async () => {
    const cause = Object.assign(new Error("connect with body"), { code: "ECONNREFUSED" });
    const send = createSender({
      endpoint: new URL("http://127.0.0.1:9/v1"),
      key: new Secret("k".repeat(8)),
      userAgent: "test",
      sleep: () => Promise.resolve(),
      fetch: () => Promise.reject(new TypeError("fetch failed", { cause })),
    });
    await expect(send("POST", "/tokens", { value: "hidden" })).rejects.toThrow(
      /^POST "http:\/\/127\.0\.0\.1:9\/v1\/tokens": no answer \(ECONNREFUSED\)$/,
    );
  });
});
