import { describe, expect, test } from "vitest";

import { ACCOUNT, emulateCloudflare, errorOf, fieldOfEach, OTHER_ACCOUNT } from "./emulated-cloudflare.ts";

const PATH = "/storage/kv/namespaces";

describe("KV namespaces", () => {
  test("are created with a jurisdiction only where one is asked for", async () => {
    const cloud = emulateCloudflare();
    const plain = await cloud.call("POST", PATH, { json: { title: "plain" } });
    const european = await cloud.call("POST", PATH, { json: { title: "european", jurisdiction: "eu" } });
    const id = expect.stringMatching(/^[0-9a-f]{32}$/);
    expect(plain.json.result).toEqual({ id, title: "plain", supports_url_encoding: true });
    expect(european.json.result).toEqual({ id, title: "european", supports_url_encoding: true, jurisdiction: "eu" });
  });

  test.each([{}, { title: "" }, { title: 1 }, { title: "t".repeat(513) }, { title: "t", jurisdiction: "mars" }, []])(
    "are not created from %j",
    async (json) => {
      const cloud = emulateCloudflare();
      expect(errorOf(await cloud.call("POST", PATH, { json }))).toEqual({ status: 400, code: 10001 });
    },
  );

  test("have titles that are unique in an account, also after a rename", async () => {
    const cloud = emulateCloudflare();
    const id = await cloud.createNamespace("one");
    await cloud.createNamespace("two");
    const taken = { status: 400, code: 10014 };
    expect(errorOf(await cloud.call("POST", PATH, { json: { title: "one" } }))).toEqual(taken);
    expect(errorOf(await cloud.call("PUT", `${PATH}/${id}`, { json: { title: "two" } }))).toEqual(taken);
    expect((await cloud.call("PUT", `${PATH}/${id}`, { json: { title: "one" } })).status).toBe(200);
    const token = cloud.emulator.userToken.reveal();
    const elsewhere = await cloud.callAnywhere("POST", `/accounts/${OTHER_ACCOUNT}${PATH}`, {
      token,
      json: { title: "one" },
    });
    expect(elsewhere.status).toBe(200);
  });

  test("lose their pairs with the delete and free their title", async () => {
    const cloud = emulateCloudflare();
    const id = await cloud.createNamespace("one");
    await cloud.call("PUT", `${PATH}/${id}/values/k`, { body: "v" });
    const deleted = await cloud.call("DELETE", `${PATH}/${id}`);
    expect(deleted.json).toEqual({ success: true, errors: [], messages: [], result: null });
    const missing = { status: 404, code: 10013 };
    expect(errorOf(await cloud.call("GET", `${PATH}/${id}`))).toEqual(missing);
    expect(errorOf(await cloud.call("DELETE", `${PATH}/${id}`))).toEqual(missing);
    expect(errorOf(await cloud.call("PUT", `${PATH}/${id}`, { json: { title: "t" } }))).toEqual(missing);
    expect(errorOf(await cloud.call("GET", `${PATH}/${id}/values/k`))).toEqual(missing);
    expect(errorOf(await cloud.call("PUT", `${PATH}/${id}/values/k`, { body: "v" }))).toEqual(missing);
    expect(errorOf(await cloud.call("GET", `${PATH}/${id}/keys`))).toEqual(missing);
    expect(errorOf(await cloud.call("PUT", `${PATH}/${id}/bulk`, { json: [] }))).toEqual(missing);
    await cloud.createNamespace("one");
  });

  test("are not found through another account", async () => {
    const cloud = emulateCloudflare();
    const id = await cloud.createNamespace("one");
    const token = cloud.emulator.userToken.reveal();
    const answer = await cloud.callAnywhere("GET", `/accounts/${OTHER_ACCOUNT}${PATH}/${id}`, { token });
    expect(errorOf(answer)).toEqual({ status: 404, code: 10013 });
  });

  test("number 1,000 at most in an account", async () => {
    const cloud = emulateCloudflare();
    for (let count = 1; count <= 1000; count += 1) await cloud.createNamespace(`n${String(count)}`);
    const refused = await cloud.call("POST", PATH, { json: { title: "one more" } });
    expect(errorOf(refused)).toEqual({ status: 400, code: 10001 });
    const page = await cloud.call("GET", `${PATH}?per_page=1000`);
    expect(page.json.result_info).toEqual({ page: 1, per_page: 1000, count: 1000, total_count: 1000, total_pages: 1 });
  });

  test.each([
    ["?order=title", ["a", "b", "c"]],
    ["?order=title&direction=desc", ["c", "b", "a"]],
    ["?order=title&per_page=2", ["a", "b"]],
    ["?order=title&per_page=2&page=2", ["c"]],
    ["?order=title&per_page=2&page=3", []],
  ])("are listed with %j as %j", async (query, expected) => {
    const cloud = emulateCloudflare();
    for (const title of ["b", "c", "a"]) await cloud.createNamespace(title);
    expect(fieldOfEach(await cloud.call("GET", `${PATH}${query}`), "title")).toEqual(expected);
  });

  test("are listed by id where no order is given", async () => {
    const cloud = emulateCloudflare();
    const ids = [];
    for (const title of ["b", "c", "a"]) ids.push(await cloud.createNamespace(title));
    expect(fieldOfEach(await cloud.call("GET", PATH), "id")).toEqual(ids.toSorted());
  });

  test.each(["?order=age", "?direction=up", "?page=0", "?per_page=0", "?per_page=1001", "?per_page=ten"])(
    "are not listed with %s",
    async (query) => {
      expect(errorOf(await emulateCloudflare().call("GET", `${PATH}${query}`))).toEqual({ status: 400, code: 10001 });
    },
  );

  test("are no longer reached by the path that Cloudflare stopped", async () => {
    const answer = await emulateCloudflare().call("GET", "/workers/namespaces");
    expect(errorOf(answer)).toEqual({ status: 404, code: 7003 });
  });

  test("are left alone where a key of two dots folds the path of a value into theirs", async () => {
    const cloud = emulateCloudflare();
    const id = await cloud.createNamespace("one");
    const answer = await cloud.call("DELETE", `${PATH}/${id}/values/..`);
    expect(errorOf(answer)).toEqual({ status: 404, code: 7003 });
    expect((await cloud.callAnywhere("GET", `/accounts/${ACCOUNT}${PATH}/${id}`)).status).toBe(200);
  });
});
