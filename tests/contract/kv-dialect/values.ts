import { describe, expect, it } from "vitest";

import { type DialectClient, form, outcome } from "./client.ts";
import { INVALID, KEY_NOT_FOUND, KEY_TOO_LONG, OK, TOO_LARGE } from "../../support/kv-outcomes.ts";

const MEBIBYTE = 1024 * 1024;

export function describeValues(client: DialectClient): void {
  describe("values", () => {
    it("come back byte for byte", async () => {
      const key = client.ownKey()("bytes");
      const bytes = Uint8Array.from({ length: 512 }, (_, index) => index);
      expect(outcome(await client.value("PUT", key, { body: bytes }))).toEqual(OK);
      const read = await client.value("GET", key);
      expect(read.bytes).toEqual(bytes);
      expect(read.headers.get("content-type")).toBe("application/octet-stream");
    });

    it("may be empty", async () => {
      const key = client.ownKey()("empty");
      expect(outcome(await client.value("PUT", key, { body: "" }))).toEqual(OK);
      const read = await client.value("GET", key);
      expect({ status: read.status, bytes: read.bytes.length }).toEqual({ status: 200, bytes: 0 });
    });

    it("are not found where there are none, and no longer once they are deleted", async () => {
      const key = client.ownKey()("gone");
      expect(outcome(await client.value("GET", key))).toEqual(KEY_NOT_FOUND);
      expect(outcome(await client.metadata(key))).toEqual(KEY_NOT_FOUND);
      expect(outcome(await client.value("DELETE", key))).toEqual(OK);
      client.settle();
      expect(outcome(await client.value("PUT", key, { body: "v" }))).toEqual(OK);
      client.settle();
      expect(outcome(await client.value("DELETE", key))).toEqual(OK);
      expect(outcome(await client.value("GET", key))).toEqual(KEY_NOT_FOUND);
    });

    it.each(["a/b", "a b", "a+b", "100 %", "a%2Fb", "ü€😀", "a?b#c", "session:1!", "\\", "\u0001"])(
      "are kept under the key %j, encoded in the path",
      async (rest) => {
        const key = client.ownKey()(rest);
        expect(outcome(await client.value("PUT", key, { body: rest }))).toEqual(OK);
        expect((await client.value("GET", key)).text).toBe(rest);
        client.settle();
        expect((await client.list({ prefix: key })).result).toEqual([{ name: key }]);
      },
    );

    it("take keys of 512 bytes and no more", async () => {
      const key = client.ownKey()("").padEnd(512, "k");
      expect(outcome(await client.value("PUT", key, { body: "v" }))).toEqual(OK);
      expect(outcome(await client.value("PUT", `${key}k`, { body: "v" }))).toEqual(KEY_TOO_LONG);
      expect(outcome(await client.value("GET", `${key}k`))).toEqual(KEY_TOO_LONG);
      expect(outcome(await client.value("PUT", "", { body: "v" }))).toEqual(INVALID);
      expect(outcome(await client.value("GET", ""))).toEqual(INVALID);
    });

    it("are refused above 25 MiB, and leave what was there", async () => {
      const key = client.ownKey()("large");
      await client.value("PUT", key, { body: "small" });
      client.settle();
      const body = new Uint8Array(25 * MEBIBYTE + 1);
      expect(outcome(await client.value("PUT", key, { body }))).toEqual(TOO_LARGE);
      expect(outcome(await client.value("PUT", key, { body: form({ value: new Blob([body]) }) }))).toEqual(TOO_LARGE);
      expect((await client.value("GET", key)).text).toBe("small");
    });
  });
}
