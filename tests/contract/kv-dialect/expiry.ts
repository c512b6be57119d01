import { describe, expect, it } from "vitest";

import { type DialectClient, outcome } from "./client.ts";
import { INVALID } from "../../support/kv-outcomes.ts";

const HOUR = 3600;

export function describeExpiry(client: DialectClient): void {
  describe("expiry", () => {
    it("is refused below the minimum and in the past", async () => {
      const key = client.ownKey()("early");
      const seconds = Math.floor(client.dialect.now() / 1000);
      const tooEarly = [
        `expiration_ttl=${client.dialect.minTtlSeconds - 1}`,
        "expiration_ttl=0",
        "expiration_ttl=-60",
        "expiration_ttl=1e3",
        "expiration_ttl=soon",
        `expiration=${seconds - 1}`,
        `expiration=${seconds + client.dialect.minTtlSeconds - 1}`,
      ];
      for (const query of tooEarly) {
        expect({ query, ...outcome(await client.value("PUT", key, { body: "v", query: `?${query}` })) }).toEqual({
          query,
          ...INVALID,
        });
      }
    });

    it("is told in lists, and a lifetime wins over a point in time", async () => {
      const key = client.ownKey()("told");
      const expiration = Math.floor(client.dialect.now() / 1000) + 2 * HOUR;
      await client.value("PUT", key, { body: "v", query: `?expiration=${expiration}` });
      const read = await client.value("GET", key);
      expect(read.headers.get("expiration")).toBe(client.dialect.tellsExpiration ? String(expiration) : null);
      client.settle();
      expect((await client.list({ prefix: key })).result).toEqual([{ name: key, expiration }]);
      const before = Math.floor(client.dialect.now() / 1000);
      await client.value("PUT", key, {
        body: "v",
        query: `?expiration=${expiration + 4 * HOUR}&expiration_ttl=${HOUR}`,
      });
      client.settle();
      const [listed] = (await client.list({ prefix: key })).result as { expiration: number }[];
      expect(listed?.expiration).toBeGreaterThanOrEqual(before + HOUR);
      // A minute for a slow machine; the point in time would be hours later.
      expect(listed?.expiration).toBeLessThanOrEqual(before + HOUR + 60);
    });
  });
}
