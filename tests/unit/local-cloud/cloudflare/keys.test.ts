import { describe, expect, test } from "vitest";
import { z } from "zod";

import { compareAsUtf8 } from "../../../../src/core/utf8-order.ts";
import { emulateCloudflare, type EmulatedCloudflare, errorOf, fieldOfEach } from "./emulated-cloudflare.ts";

async function withKeys(names: readonly string[]): Promise<EmulatedCloudflare & { readonly path: string }> {
  const cloud = emulateCloudflare();
  const path = `/storage/kv/namespaces/${await cloud.createNamespace()}`;
  await cloud.call("PUT", `${path}/bulk`, { json: names.map((key) => ({ key, value: "v" })) });
  return { ...cloud, path };
}

const page = z.object({
  result: z.array(z.object({ name: z.string() })),
  result_info: z.object({ cursor: z.string(), count: z.number() }),
});

interface Page {
  readonly names: readonly string[];
  readonly cursor: string;
}

async function pageOf({ call, path }: Awaited<ReturnType<typeof withKeys>>, query = ""): Promise<Page> {
  const { json } = await call("GET", `${path}/keys${query}`);
  const { result, result_info: info } = page.parse(json);
  expect(info.count).toBe(result.length);
  return { names: result.map(({ name }) => name), cursor: info.cursor };
}

const twentyFive = Array.from({ length: 25 }, (_, index) => `k${String(index).padStart(2, "0")}`);

describe("a list of keys", () => {
  test("has the order of UTF-8 bytes, which is not that of JavaScript", async () => {
    const names = ["\u{10000}", "\uffff", "\u{1f600}", "b", "a\u0000", "a", "A", "é", "\ue000", "ab"];
    const cloud = await withKeys(names);
    const expected = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect((await pageOf(cloud)).names).toEqual(expected);
    expect(names.toSorted(compareAsUtf8)).toEqual(expected);
    expect(names.toSorted()).not.toEqual(expected);
  });

  test("comes in pages, the last of which has an empty cursor", async () => {
    const cloud = await withKeys(twentyFive);
    const first = await pageOf(cloud, "?limit=10");
    const second = await pageOf(cloud, `?limit=10&cursor=${first.cursor}`);
    const third = await pageOf(cloud, `?limit=10&cursor=${second.cursor}`);
    expect([...first.names, ...second.names, ...third.names]).toEqual(twentyFive);
    expect([first, second, third].map(({ names, cursor }) => [names.length, cursor !== ""])).toEqual([
      [10, true],
      [10, true],
      [5, false],
    ]);
  });

  test("ends with a page that is exactly full", async () => {
    const cloud = await withKeys(twentyFive.slice(0, 10));
    expect(await pageOf(cloud, "?limit=10")).toEqual({ names: twentyFive.slice(0, 10), cursor: "" });
  });

  test("goes on behind a key that was deleted, and skips none that stayed", async () => {
    const cloud = await withKeys(twentyFive);
    const { cursor } = await pageOf(cloud, "?limit=10");
    for (const key of ["k08", "k09", "k10"]) await cloud.call("DELETE", `${cloud.path}/values/${key}`);
    await cloud.call("PUT", `${cloud.path}/values/k095`, { body: "v" });
    const { names } = await pageOf(cloud, `?limit=10&cursor=${cursor}`);
    expect(names).toEqual(["k095", ...twentyFive.slice(11, 20)]);
  });

  test("shows what came, went and changed since the last list", async () => {
    const cloud = await withKeys(["b", "c"]);
    expect((await pageOf(cloud)).names).toEqual(["b", "c"]);
    await cloud.call("PUT", `${cloud.path}/values/a`, { body: "v" });
    expect((await pageOf(cloud)).names).toEqual(["a", "b", "c"]);
    await cloud.call("DELETE", `${cloud.path}/values/b`);
    await cloud.call("PUT", `${cloud.path}/values/c?expiration_ttl=60`, { body: "v" });
    expect((await pageOf(cloud)).names).toEqual(["a", "c"]);
    cloud.clock.advance(60_000);
    expect((await pageOf(cloud)).names).toEqual(["a"]);
  });

  test("is filtered by a prefix, also across pages", async () => {
    const cloud = await withKeys([...twentyFive, "a", "z", "k", "K1", "l"]);
    const first = await pageOf(cloud, "?limit=10&prefix=k1");
    expect(first).toEqual({ names: twentyFive.slice(10, 20), cursor: "" });
    const all = await pageOf(cloud, "?limit=10&prefix=k");
    const rest = await pageOf(cloud, `?limit=1000&prefix=k&cursor=${all.cursor}`);
    expect([...all.names, ...rest.names]).toEqual(["k", ...twentyFive]);
  });

  test("takes a prefix with characters that a query escapes", async () => {
    const cloud = await withKeys(["a b+c&d", "a b", "a"]);
    expect((await pageOf(cloud, `?prefix=${encodeURIComponent("a b+c&")}`)).names).toEqual(["a b+c&d"]);
  });

  test("refuses a cursor that it did not give out, or gave out for another prefix", async () => {
    const cloud = await withKeys(twentyFive);
    const { cursor } = await pageOf(cloud, "?limit=10&prefix=k");
    for (const query of [`?cursor=${cursor}`, "?cursor=nonsense", "?cursor=e30"]) {
      expect(errorOf(await cloud.call("GET", `${cloud.path}/keys${query}`))).toEqual({ status: 400, code: 10001 });
    }
  });

  test("has 10 to 1,000 keys a page, 1,000 where nothing is said", async () => {
    const names = Array.from({ length: 1001 }, (_, index) => String(index));
    const cloud = await withKeys(names);
    const lengthOf = async (query: string) => {
      const answer = await cloud.call("GET", `${cloud.path}/keys${query}`);
      return answer.status === 200 ? fieldOfEach(answer, "name").length : answer.status;
    };
    const queries = [
      "",
      "?limit=1000",
      "?limit=10",
      "?limit=9",
      "?limit=1001",
      "?limit=many",
      "?limit=",
      "?limit=10.5",
    ];
    expect(await Promise.all(queries.map(lengthOf))).toEqual([1000, 1000, 10, 400, 400, 400, 400, 400]);
  });
});
