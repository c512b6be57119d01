import { describe, expect, it } from "vitest";

import { type DialectClient, outcome } from "./client.ts";
import { INVALID } from "../../support/kv-outcomes.ts";

export function describeLists(client: DialectClient): void {
  describe("lists of keys", () => {
    it("are in the order of UTF-8 bytes, in pages of a limit, with an empty cursor at the end", async () => {
      const key = client.ownKey();
      const names = ["B", "a", "ä", "\uE000", "😀", ...Array.from({ length: 20 }, (_, index) => `k${index}`)].map(key);
      await client.bulk(names.map((name) => ({ key: name, value: "v" })));
      await client.bulk([{ key: key("").replace("/", "0"), value: "beside the prefix" }]);
      client.settle();
      const found: string[] = [];
      const counts: (number | undefined)[] = [];
      let cursor = "";
      do {
        const page = await client.list({ prefix: key(""), limit: "10", ...(cursor === "" ? {} : { cursor }) });
        found.push(...(page.result as { name: string }[]).map(({ name }) => name));
        counts.push(page.info?.count);
        cursor = page.info?.cursor ?? "";
      } while (cursor !== "");
      expect(found).toEqual(names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
      expect(counts.reduce((sum: number, count) => sum + (count ?? 0), 0)).toBe(names.length);
    });

    it.each(["9", "1001", "-1", "ten", "1e2", "99999999999999999999"])(
      "are refused with the limit %s",
      async (limit) => {
        expect(outcome(await client.list({ limit }))).toEqual(INVALID);
      },
    );

    it("are empty where no key has the prefix", async () => {
      const { result, info } = await client.list({ prefix: client.ownKey()("none") });
      expect({ result, info }).toEqual({ result: [], info: { count: 0, cursor: "" } });
    });
  });
}
