import { describe, expect, it } from "vitest";

import { type DialectClient, outcome } from "./client.ts";
import { KEY_NOT_FOUND, OK } from "../../support/kv-outcomes.ts";

const HOUR = 3600;

export function describeEnds(client: DialectClient, advance: (milliseconds: number) => void): void {
  describe("the end of a pair", () => {
    it("comes to the second for reads and lists", async () => {
      const key = client.ownKey()("ends");
      await client.value("PUT", key, { body: "v", query: `?expiration_ttl=${HOUR}` });
      advance((HOUR - 1) * 1000);
      expect(outcome(await client.value("GET", key))).toEqual(OK);
      advance(1000);
      expect(outcome(await client.value("GET", key))).toEqual(KEY_NOT_FOUND);
      expect(outcome(await client.metadata(key))).toEqual(KEY_NOT_FOUND);
      expect((await client.list({ prefix: key })).result).toEqual([]);
    });
  });
}
