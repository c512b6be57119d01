import { describe, expect, it } from "vitest";

import type { NamespaceConfig } from "../../../../src/gateway/config.ts";
import {
  handleNamespace as namespace,
  handleNamespaces as namespaces,
} from "../../../../src/gateway/dialect/namespaces.ts";
import { STRONG } from "../../../../testbed/gateway-fixture.ts";

/** Their titles are in another order than their ids. */
const THREE: readonly NamespaceConfig[] = [
  { ...STRONG, id: "2".repeat(32), title: "a" },
  { ...STRONG, id: "3".repeat(32), title: "b" },
  { ...STRONG, id: "1".repeat(32), title: "c" },
];

async function list(query: string, reachable = THREE) {
  const envelope = (await namespaces("GET", new URLSearchParams(query), reachable).json()) as {
    result: { title: string }[];
    result_info: object;
  };
  return { titles: envelope.result.map(({ title }) => title).join(""), info: envelope.result_info };
}

describe("the list of namespaces", () => {
  it.each([
    ["", "cab"],
    ["order=id", "cab"],
    ["order=title", "abc"],
    ["order=title&direction=desc", "cba"],
    ["direction=asc", "cab"],
    ["direction=desc", "bac"],
  ])("with %j is in its order", async (query, titles) => {
    expect((await list(query)).titles).toBe(titles);
  });

  it("comes in pages that say how many there are", async () => {
    expect(await list("order=title&per_page=2")).toEqual({
      titles: "ab",
      info: { page: 1, per_page: 2, count: 2, total_count: 3, total_pages: 2 },
    });
    expect(await list("order=title&per_page=2&page=2")).toEqual({
      titles: "c",
      info: { page: 2, per_page: 2, count: 1, total_count: 3, total_pages: 2 },
    });
    expect(await list("page=3")).toEqual({
      titles: "",
      info: { page: 3, per_page: 20, count: 0, total_count: 3, total_pages: 1 },
    });
    expect((await list("", [])).info).toEqual({ page: 1, per_page: 20, count: 0, total_count: 0, total_pages: 0 });
  });

  it.each(["page=0", "page=-1", "page=x", "page=1.5", "per_page=0", "per_page=1001", "per_page=", "page=1e3"])(
    "is refused with %s",
    (query) => {
      expect(() => namespaces("GET", new URLSearchParams(query), THREE)).toThrow(
        expect.objectContaining({ status: 400, code: 10001 }),
      );
    },
  );

  it("takes as many a page as Cloudflare does", async () => {
    expect((await list("per_page=1000")).info).toMatchObject({ per_page: 1000 });
  });

  it("leaves the order of the configuration alone", async () => {
    await list("order=title&direction=desc");
    expect(THREE.map(({ title }) => title).join("")).toBe("abc");
  });
});

describe("a namespace", () => {
  it("shows what Cloudflare shows, and nothing of the gateway's own", async () => {
    const { result } = (await namespace("GET", STRONG).json()) as { result: unknown };
    expect(result).toEqual({ id: STRONG.id, title: STRONG.title, supports_url_encoding: true });
  });

  it.each(["PUT", "POST", "DELETE", "PATCH", "HEAD"])("is not changed with %s: the stack does that", (method) => {
    const refused = expect.objectContaining({ status: 405, code: 10405 });
    expect(() => namespace(method, STRONG)).toThrow(refused);
    expect(() => namespaces(method, new URLSearchParams(), THREE)).toThrow(refused);
  });
});
