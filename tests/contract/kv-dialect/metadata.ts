import { describe, expect, it } from "vitest";

import { type DialectClient, form, outcome } from "./client.ts";
import { INVALID, KEY_NOT_FOUND, OK, TOO_LARGE } from "../../support/kv-outcomes.ts";

const HOUR = 3600;

export function describeMetadata(client: DialectClient): void {
  describe("metadata", () => {
    it("stands beside the value, as JSON", async () => {
      const key = client.ownKey()("both");
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      const body = form({ value: new Blob([bytes]), metadata: '{"user":"ü","list":[1,null]}' });
      expect(outcome(await client.value("PUT", key, { body }))).toEqual(OK);
      expect((await client.metadata(key)).result).toEqual({ user: "ü", list: [1, null] });
      expect((await client.value("GET", key)).bytes).toEqual(bytes);
      client.settle();
      expect((await client.list({ prefix: key })).result).toEqual([
        { name: key, metadata: { user: "ü", list: [1, null] } },
      ]);
    });

    it("is null where there is none, and goes with the next write", async () => {
      const key = client.ownKey()("overwritten");
      await client.value("PUT", key, {
        body: form({ value: "1", metadata: '{"n":1}' }),
        query: `?expiration_ttl=${HOUR}`,
      });
      client.settle();
      await client.value("PUT", key, { body: "2" });
      expect((await client.metadata(key)).result).toBeNull();
      client.settle();
      expect((await client.list({ prefix: key })).result).toEqual([{ name: key }]);
    });

    it("is refused where it is no JSON or above 1,024 bytes", async () => {
      const key = client.ownKey()("refused");
      const put = (text: string) => client.value("PUT", key, { body: form({ value: "v", metadata: text }) });
      expect(outcome(await put("{"))).toEqual(INVALID);
      expect(outcome(await put(JSON.stringify("m".repeat(1023))))).toEqual(TOO_LARGE);
      expect(outcome(await client.value("PUT", key, { body: form({ metadata: "{}" }) }))).toEqual(INVALID);
      expect(outcome(await client.value("GET", key))).toEqual(KEY_NOT_FOUND);
    });
  });
}
