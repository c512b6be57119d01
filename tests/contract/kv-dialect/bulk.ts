import { describe, expect, it } from "vitest";

import { type DialectClient, outcome } from "./client.ts";
import { INVALID, KEY_NOT_FOUND, KEY_TOO_LONG, OK } from "../../support/kv-outcomes.ts";

const HOUR = 3600;

export function describeBulk(client: DialectClient): void {
  describe("bulk operations", () => {
    it("write, read and delete many pairs", async () => {
      const key = client.ownKey();
      const expiration = Math.floor(client.dialect.now() / 1000) + 2 * HOUR;
      const written = await client.bulk([
        { key: key("text"), value: "ü" },
        { key: key("bytes"), value: "AP8=", base64: true },
        { key: key("json"), value: '{"a":1}', metadata: { m: 1 }, expiration },
      ]);
      expect(written.result).toEqual({ successful_key_count: 3, unsuccessful_keys: [] });
      expect((await client.value("GET", key("bytes"))).bytes).toEqual(Uint8Array.of(0, 255));
      const get = (body: object) => client.bulkGet(body);
      const keys = [key("text"), key("json"), key("none")];
      expect((await get({ keys })).result).toEqual({
        values: { [key("text")]: "ü", [key("json")]: '{"a":1}', [key("none")]: null },
      });
      expect((await get({ keys: [key("json")], type: "json" })).result).toEqual({
        values: { [key("json")]: { a: 1 } },
      });
      expect((await get({ keys, withMetadata: true })).result).toEqual({
        values: {
          [key("text")]: { value: "ü", metadata: null },
          [key("json")]: {
            value: '{"a":1}',
            metadata: { m: 1 },
            ...(client.dialect.tellsExpiration ? { expiration } : {}),
          },
          [key("none")]: null,
        },
      });
      client.settle();
      const deleted = await client.call("POST", "/bulk/delete", { body: JSON.stringify([key("text"), key("none")]) });
      expect(deleted.result).toEqual({ successful_key_count: 2, unsuccessful_keys: [] });
      // Deprecated by Cloudflare, still what Wrangler calls.
      expect(outcome(await client.call("DELETE", "/bulk", { body: JSON.stringify([key("json")]) }))).toEqual(OK);
      client.settle();
      expect((await client.list({ prefix: key("") })).result).toEqual([{ name: key("bytes") }]);
    });

    it("take nothing of a small request with one pair that breaks a rule", async () => {
      const key = client.ownKey();
      const good = { key: key("good"), value: "v" };
      const bad: unknown[] = [
        { key: "", value: "v" },
        { key: key("k"), value: "v", expiration_ttl: client.dialect.minTtlSeconds - 1 },
        { key: key("k"), value: "*", base64: true },
        { key: key("k"), value: 1 },
        { value: "v" },
        "text",
        null,
      ];
      for (const pair of bad) {
        expect({ pair, ...outcome(await client.bulk([good, pair])) }).toEqual({ pair, ...INVALID });
      }
      expect(outcome(await client.bulk([good, { key: "k".repeat(513), value: "v" }]))).toEqual(KEY_TOO_LONG);
      expect(outcome(await client.value("GET", good.key))).toEqual(KEY_NOT_FOUND);
    });

    it("are refused above their limits and where the body is something else", async () => {
      const names = Array.from({ length: 10_001 }, (_, index) => String(index));
      expect(outcome(await client.bulk(names.map((key) => ({ key, value: "v" }))))).toEqual(INVALID);
      const remove = (body: string) => client.call("POST", "/bulk/delete", { body });
      expect(outcome(await remove(JSON.stringify(names)))).toEqual(INVALID);
      const get = (body: unknown) => client.bulkGet(body);
      expect(outcome(await get({ keys: names.slice(0, 101) }))).toEqual(INVALID);
      expect(outcome(await get({ keys: ["k"], type: "bytes" }))).toEqual(INVALID);
      expect(outcome(await get([]))).toEqual(INVALID);
      for (const body of ["", "{}", "[", "[1", "[]]", "null", "[1,]", "[,]", "\u00ff"]) {
        expect({ body, ...outcome(await remove(body)) }).toEqual({ body, ...INVALID });
      }
    });

    it("may be empty", async () => {
      expect((await client.bulk([])).result).toEqual({ successful_key_count: 0, unsuccessful_keys: [] });
      const got = await client.call("POST", "/bulk/get", { body: JSON.stringify({ keys: [] }) });
      expect(got.result).toEqual({ values: {} });
    });

    it("read no value that is not text, and no JSON that is none", async () => {
      const key = client.ownKey();
      await client.bulk([
        { key: key("bytes"), value: "/w==", base64: true },
        { key: key("text"), value: "{" },
      ]);
      const get = (body: object) => client.bulkGet(body);
      expect(outcome(await get({ keys: [key("text")], type: "json" }))).toEqual(INVALID);
      expect((await get({ keys: [key("text")] })).status).toBe(200);
    });
  });
}
