import { describe, expect, it } from "vitest";

import { handleKeys as keys } from "../../../../src/gateway/dialect/namespaces.ts";
import { callOf, recordingStore, resultOf } from "./recording-store.ts";

describe("the list of keys", () => {
  it.each([
    ["", { prefix: "", cursor: undefined, limit: 1000 }],
    ["?prefix=a%2Fb&limit=10", { prefix: "a/b", cursor: undefined, limit: 10 }],
    ["?cursor=next&limit=1000", { prefix: "", cursor: "next", limit: 1000 }],
    // What the last page has: whoever sends it on begins anew.
    ["?cursor=&prefix=", { prefix: "", cursor: undefined, limit: 1000 }],
  ])("with %j asks the store for a page", async (query, options) => {
    const { store, calls } = recordingStore();
    await keys(callOf(store, "GET", query));
    expect(calls).toEqual([["list", options]]);
  });

  it("is what the store has, with the cursor of the next page or an empty one", async () => {
    const page = { keys: [{ name: "a", expiration: 1, metadata: { m: 1 } }, { name: "b" }], cursor: "next" };
    const { store } = recordingStore({ list: () => Promise.resolve(page) });
    expect(await resultOf(keys(callOf(store, "GET")))).toEqual({
      result: page.keys,
      info: { count: 2, cursor: "next" },
    });
    expect(await resultOf(keys(callOf(recordingStore().store, "GET")))).toEqual({
      result: [],
      info: { count: 0, cursor: "" },
    });
  });

  it.each(["9", "1001", "0", "-10", "ten", "", "1e2", "10.0"])("is refused with the limit %j", async (limit) => {
    const { store, calls } = recordingStore();
    await expect(keys(callOf(store, "GET", `?limit=${limit}`))).rejects.toMatchObject({ status: 400, code: 10001 });
    expect(calls).toEqual([]);
  });

  it.each(["PUT", "POST", "DELETE", "HEAD"])("is only read, not asked for with %s", async (method) => {
    const refused = { status: 405, code: 10405 };
    await expect(keys(callOf(recordingStore().store, method))).rejects.toMatchObject(refused);
  });
});
