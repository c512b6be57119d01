import { describe, expect, test } from "vitest";

import { emulateNamespace, fieldOfEach } from "./emulated-cloudflare.ts";

const pairs = (...keys: readonly string[]) => keys.map((key) => ({ key, value: "v" }));
const isOdd = (key: string) => Number(key) % 2 === 1;

describe("a partial bulk operation", () => {
  test("writes and deletes the other keys, and says which ones it left", async () => {
    const { call, emulator, path } = await emulateNamespace();
    const remaining = async () => fieldOfEach(await call("GET", `${path}/keys`), "name");
    emulator.faults.add({ method: "*", path: /\/bulk/, times: 3, fault: { kind: "partial-bulk", fail: isOdd } });

    const put = await call("PUT", `${path}/bulk`, { json: pairs("1", "2", "3", "4") });
    expect([put.status, put.json]).toEqual([
      200,
      {
        success: true,
        errors: [],
        messages: [],
        result: { successful_key_count: 2, unsuccessful_keys: ["1", "3"] },
      },
    ]);
    expect(await remaining()).toEqual(["2", "4"]);

    const removed = await call("POST", `${path}/bulk/delete`, { json: ["1", "2", "3"] });
    expect(removed.json.result).toEqual({ successful_key_count: 1, unsuccessful_keys: ["1", "3"] });
    expect(await remaining()).toEqual(["4"]);

    const removedByOldPath = await call("DELETE", `${path}/bulk`, { json: ["4", "5"] });
    expect(removedByOldPath.json.result).toEqual({ successful_key_count: 1, unsuccessful_keys: ["5"] });
    expect(await remaining()).toEqual([]);
  });

  test("is logged as it was sent and answered", async () => {
    const { call, emulator, path } = await emulateNamespace();
    emulator.requestLog.drain();
    emulator.faults.add({ method: "PUT", path: /\/bulk$/, fault: { kind: "partial-bulk", fail: isOdd } });
    const { json } = await call("PUT", `${path}/bulk`, { json: pairs("1", "2") });
    expect(emulator.requestLog.drain()).toMatchObject([
      { method: "PUT", request: pairs("1", "2"), response: json, status: 200, fault: "partial-bulk" },
    ]);
    await call("PUT", `${path}/bulk`, { json: pairs("1", "2") });
    expect(emulator.requestLog.drain()).toMatchObject([{ response: { result: { unsuccessful_keys: [] } } }]);
  });

  test("leaves refusals and other calls as they are", async () => {
    const { call, emulator, path } = await emulateNamespace();
    emulator.faults.add({ method: "*", path: /./, times: Infinity, fault: { kind: "partial-bulk", fail: isOdd } });
    expect((await call("PUT", `${path}/bulk`, { json: pairs("1", "") })).status).toBe(400);
    expect((await call("PUT", `${path}/bulk`, { body: "{" })).status).toBe(400);
    expect((await call("PUT", `${path}/values/bulk`, { body: '["1"]' })).status).toBe(200);
    expect(Buffer.from((await call("GET", `${path}/values/bulk`)).bytes).toString()).toBe('["1"]');
  });
});
