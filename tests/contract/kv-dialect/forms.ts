import { describe, expect, it } from "vitest";

import { INVALID, OK } from "../../support/kv-outcomes.ts";
import { type DialectClient, outcome } from "./client.ts";

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** What clients write that no `FormData` of a runtime writes. */
export function describeForms(client: DialectClient): void {
  /** `contentType` names the boundary `b`. */
  const put = (key: string, body: string, contentType = "multipart/form-data; boundary=b", query = "") =>
    client.value("PUT", key, { body: bytesOf(body), headers: { "content-type": contentType }, query });
  const part = (name: string, content: string) =>
    `--b\r\nContent-Disposition: form-data; ${name}\r\n\r\n${content}\r\n`;

  describe("forms", () => {
    it.each([
      ["a name without quotes, as .NET writes it", `${part("name=value", "v")}--b--`],
      ["parameters in another order", `${part('filename="f"; name="value"', "v")}--b--`],
      ["a preamble and an epilogue", `before\r\n${part('name="value"', "v")}--b--\r\nbehind`],
    ])("are read with %s", async (what, body) => {
      const key = client.ownKey()(what);
      expect(outcome(await put(key, body))).toEqual(OK);
      expect((await client.value("GET", key)).text).toBe("v");
    });

    it.each(['multipart/form-data; boundary="b"', 'Multipart/Form-Data;charset=utf-8; BOUNDARY = "b"'])(
      "have the boundary of %s",
      async (contentType) => {
        const key = client.ownKey()(contentType);
        expect(outcome(await put(key, `${part("name=value", "v")}--b--`, contentType))).toEqual(OK);
      },
    );

    it("are refused with metadata of nothing, which is no JSON", async () => {
      const key = client.ownKey()("empty");
      expect(outcome(await put(key, `${part("name=value", "v")}${part("name=metadata", "")}--b--`))).toEqual(INVALID);
    });
  });

  describe("numbers and marks", () => {
    it("take a lifetime as a float is written, and refuse a point in time in milliseconds", async () => {
      const key = client.ownKey();
      const write = (query: string) => client.value("PUT", key(query), { body: "v", query });
      expect(outcome(await write("?expiration_ttl=3600.0"))).toEqual(OK);
      expect(outcome(await write("?expiration_ttl=3600.5"))).toEqual(INVALID);
      expect(outcome(await write(`?expiration=${String(client.dialect.now() + 3_600_000)}`))).toEqual(INVALID);
    });

    it("take null for an end that is not set, and a mark of the byte order before a bulk", async () => {
      const key = client.ownKey()("k");
      const pairs = JSON.stringify([{ key, value: "v", expiration: null, expiration_ttl: null, metadata: null }]);
      expect(outcome(await client.call("PUT", "/bulk", { body: `\ufeff${pairs}` }))).toEqual(OK);
      client.settle();
      expect((await client.list({ prefix: key })).result).toEqual([{ name: key }]);
    });
  });
}
