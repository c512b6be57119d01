import { createHash } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { EVENTUAL, namespacePath, STRONG } from "../../testbed/gateway-fixture.ts";
import { AUTHORIZATION, type Hostile, MARK, openHostile, outcomeOf } from "../support/hostile-gateway.ts";
import { INVALID, NOT_AUTHENTICATED, OK, TOO_LARGE } from "../support/kv-outcomes.ts";
import { beginRaw, sendRaw } from "../support/raw-http.ts";

const MEBIBYTE = 1024 * 1024;
const BOUNDARY = "----boundary";
const FORM = { "content-type": `multipart/form-data; boundary=${BOUNDARY}` };

describe.each([STRONG, EVENTUAL])(
  "the gateway in workerd, $consistency, with bodies that nobody needs",
  (namespace) => {
    const base = namespacePath(namespace.id);
    let hostile: Hostile;

    beforeAll(async () => {
      hostile = await openHostile();
    });
    afterAll(() => hostile[Symbol.asyncDispose]());

    const put = (key: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
      hostile.send({ method: "PUT", target: `${base}/values/${key}`, headers, body });
    /** What is there: text, or the hash of it where it is long; `undefined`: nothing. */
    const read = async (key: string): Promise<string | undefined> => {
      const response = await fetch(`${hostile.url}${base}/values/${key}`, { headers: AUTHORIZATION });
      const bytes = Buffer.from(await response.arrayBuffer());
      if (response.status === 404) return undefined;
      return bytes.length > 1000 ? hashOf(bytes) : bytes.toString();
    };

    it("stores nothing of a body that breaks off", async () => {
      await put("broken", "before");
      const halves: { headers: Record<string, string>; body: string }[] = [
        { headers: { "content-length": "100" }, body: MARK },
        { headers: { "content-length": "30000000" }, body: MARK.repeat(50_000) },
        { headers: { "transfer-encoding": "chunked" }, body: `5\r\nhello\r\n` },
        { headers: { "transfer-encoding": "chunked" }, body: `ff\r\nhello` },
        { headers: { "transfer-encoding": "chunked" }, body: "" },
        { headers: { ...FORM, "content-length": "1000" }, body: part("value", MARK) },
      ];
      for (const half of halves) {
        const { socket, answer } = await beginRaw(hostile.url, {
          method: "PUT",
          target: `${base}/values/broken`,
          headers: { ...AUTHORIZATION, ...half.headers },
          body: half.body,
        });
        socket.destroy();
        await answer;
        expect({ ...half.headers, value: await read("broken") }).toEqual({ ...half.headers, value: "before" });
      }
      const bulk = JSON.stringify([{ key: "broken", value: MARK }]);
      const { socket } = await beginRaw(hostile.url, {
        method: "PUT",
        target: `${base}/bulk`,
        headers: { ...AUTHORIZATION, "content-length": String(bulk.length + 1) },
        body: bulk,
      });
      socket.destroy();
      expect(await read("broken")).toBe("before");
      await hostile.assertSound(namespace);
    });

    it("answers others while a body comes slowly", async () => {
      const body = MARK.repeat(10);
      const slow = await beginRaw(hostile.url, {
        method: "PUT",
        target: `${base}/values/slow`,
        headers: { ...AUTHORIZATION, "content-length": String(body.length) },
        body: body.slice(0, 5),
      });
      await hostile.assertSound(namespace);
      expect(await read("slow")).toBeUndefined();
      slow.socket.write(body.slice(5));
      const { status, body: answer } = await slow.answer;
      expect(outcomeOf(status, answer)).toEqual(OK);
      expect(await read("slow")).toBe(body);
    });

    it("takes no body that the transfer damages", async () => {
      await put("framed", "before");
      const chunked = { "transfer-encoding": "chunked" };
      for (const body of ["zz\r\nabc\r\n0\r\n\r\n", "3\r\nabcxyz\r\n0\r\n\r\n", "-1\r\n\r\n"]) {
        const { status } = await sendRaw(hostile.url, {
          method: "PUT",
          target: `${base}/values/framed`,
          headers: { ...AUTHORIZATION, ...chunked },
          body,
        });
        // Where the framing is lost the server may close without an answer.
        expect({ body, status }).toEqual({ body, status: expect.toSatisfy((it) => it === 0 || it === 400) });
        expect(await read("framed")).toBe("before");
      }
      await hostile.assertSound(namespace);
    });

    it("takes a value of any content type but that of a form as it is", async () => {
      const types = [
        "",
        "application/json",
        "text/plain; charset=utf-16",
        "multipart/mixed; boundary=b",
        "\u00ff",
        "a".repeat(9000),
      ];
      for (const type of types) {
        expect(await put("typed", '{"a":"\u00fc"', { "content-type": type })).toEqual(OK);
        expect(await read("typed")).toBe('{"a":"\u00fc"');
      }
      await hostile.assertSound(namespace);
    });

    it.each([
      ["no boundary", "multipart/form-data", part("value", "v")],
      ["an empty boundary", 'multipart/form-data; boundary=""', part("value", "v")],
      ["another boundary", "multipart/form-data; boundary=other", `${part("value", "v")}${end()}`],
      ["no end", FORM["content-type"], part("value", "v")],
      ["no part", FORM["content-type"], end()],
      ["no part named value", FORM["content-type"], `${part("Value", "v")}${end()}`],
      ["no name", FORM["content-type"], `--${BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nv\r\n${end()}`],
      ["no headers", FORM["content-type"], `--${BOUNDARY}\r\n\r\nv\r\n${end()}`],
      [
        "headers without an end",
        FORM["content-type"],
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="value"\r\n${end()}`,
      ],
      ["line feeds alone", FORM["content-type"], `${part("value", "v")}${end()}`.replaceAll("\r\n", "\n")],
      ["nothing", FORM["content-type"], ""],
      ["metadata that is no JSON", FORM["content-type"], `${part("value", "v")}${part("metadata", "{")}${end()}`],
      [
        "metadata that is no UTF-8",
        FORM["content-type"],
        latin1(`${part("value", "v")}${part("metadata", '"\xff"')}${end()}`),
      ],
    ])("refuses a form with %s", async (_, type, body) => {
      expect(await put("form", body, { "content-type": type })).toEqual(INVALID);
      expect(await read("form")).toBeUndefined();
      await hostile.assertSound(namespace);
    });

    it("reads a form whose value looks like the rest of it", async () => {
      const value = `\r\n--${BOUNDARY.slice(0, -1)}\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{}\r\n--`;
      const twice = [part("value", "first"), part("other", "o".repeat(1000)), part("value", value), end()].join("");
      expect(await put("lookalike", `preamble\r\n${twice}epilogue`, FORM)).toEqual(OK);
      expect(await read("lookalike")).toBe(value);
      const quoted = { "content-type": 'Multipart/Form-Data; charset=x; boundary="a b"' };
      const body = '--a b\r\ncontent-disposition: FORM-DATA; NAME="value"; filename="; name=x"\r\n\r\nv\r\n--a b--';
      expect(await put("quoted", body, quoted)).toEqual(OK);
      expect(await read("quoted")).toBe("v");
      await hostile.assertSound(namespace);
    });

    it("reads a form of 100,000 parts", async () => {
      const parts = Array.from({ length: 100_000 }, (_, index) => part(`p${index}`, "x"));
      const body = `${parts.join("")}${part("value", "last")}${end()}`;
      expect(await put("parts", body, FORM)).toEqual(OK);
      expect(await read("parts")).toBe("last");
      await hostile.assertSound(namespace);
    });

    it("refuses 26 MiB in whatever way they come, and keeps what was there", async () => {
      await put("large", "before");
      const value = Buffer.alloc(26 * MEBIBYTE, "v");
      expect(await put("large", value)).toEqual(TOO_LARGE);
      const chunked = Buffer.concat([
        Buffer.from(`${value.length.toString(16)}\r\n`),
        value,
        Buffer.from("\r\n0\r\n\r\n"),
      ]);
      expect(await put("large", chunked, { "transfer-encoding": "chunked" })).toEqual(TOO_LARGE);
      // A length that the chunks do not keep.
      const both = { "transfer-encoding": "chunked", "content-length": "5" };
      expect(await put("large", chunked, both)).toEqual(TOO_LARGE);
      const form = Buffer.concat([Buffer.from(partHead("value")), value, Buffer.from(`\r\n${end()}`)]);
      expect(await put("large", form, FORM)).toEqual(TOO_LARGE);
      const header = Buffer.from(`${part("value", "v")}${partHead(MARK)}${"h".repeat(26 * MEBIBYTE)}\r\n${end()}`);
      expect(await put("large", header, FORM)).toEqual(TOO_LARGE);
      expect(await read("large")).toBe("before");
      // The largest that may be.
      expect(await put("large", value.subarray(0, 25 * MEBIBYTE))).toEqual(OK);
      expect(await read("large")).toBe(hashOf(value.subarray(0, 25 * MEBIBYTE)));
      await hostile.assertSound(namespace);
    });

    it("tells a caller without credential so, however much it sends", async () => {
      const body = Buffer.alloc(30 * MEBIBYTE, "v");
      for (const headers of [{ authorization: "" }, { authorization: `Bearer ${"y".repeat(40)}` }]) {
        expect(await put("unauthenticated", body, headers)).toEqual(NOT_AUTHENTICATED);
      }
      const elsewhere = { method: "PUT", target: `${base.slice(0, -2)}00/bulk`, body };
      expect(await hostile.send(elsewhere)).toEqual({ status: 404, code: 10013 });
      await hostile.assertSound(namespace);
    });

    it("reads no header beyond what the runtime allows, and answers afterwards", async () => {
      const headers = { ...AUTHORIZATION, "x-long": "h".repeat(MEBIBYTE) };
      const { status } = await sendRaw(hostile.url, { method: "GET", target: `${base}/values/k`, headers });
      expect(status).toBe(431);
      const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x-${index}`, MARK]));
      expect(await hostile.send({ method: "GET", target: `${base}/keys`, headers: many })).toEqual(OK);
      const odd = {
        ...AUTHORIZATION,
        "content-type": "\u00ff\u00fe",
        "kvshift-client": `${MARK}/\u00ff`,
        cookie: MARK,
      };
      expect(await hostile.send({ method: "GET", target: `${base}/keys`, headers: odd })).toEqual(OK);
      await hostile.assertSound(namespace);
    });
  },
);

function partHead(name: string): string {
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`;
}

function part(name: string, content: string): string {
  return `${partHead(name)}${content}\r\n`;
}

function end(): string {
  return `--${BOUNDARY}--\r\n`;
}

function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
