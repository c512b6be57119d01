import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { EVENTUAL, namespacePath, STRONG } from "../../testbed/gateway-fixture.ts";
import { campaign } from "../support/campaign.ts";
import { AUTHORIZATION, type Hostile, MARK, openHostile } from "../support/hostile-gateway.ts";
import { INVALID, KEY_NOT_FOUND, KEY_TOO_LONG, NO_ROUTE, OK } from "../support/kv-outcomes.ts";
import { sendRaw } from "../support/raw-http.ts";

describe.each([STRONG, EVENTUAL])("the gateway in workerd, $consistency, with paths that nobody needs", (namespace) => {
  const base = namespacePath(namespace.id);
  let hostile: Hostile;

  beforeAll(async () => {
    hostile = await openHostile();
  });
  afterAll(() => hostile[Symbol.asyncDispose]());

  const get = (rest: string) => hostile.send({ method: "GET", target: `${base}${rest}` });
  const put = (rest: string, body = "v") => hostile.send({ method: "PUT", target: `${base}${rest}`, body });
  const listed = async (prefix: string): Promise<string[]> => {
    const names: string[] = [];
    let cursor = "";
    do {
      const query = new URLSearchParams({ prefix, ...(cursor === "" ? {} : { cursor }) }).toString();
      const response = await fetch(`${hostile.url}${base}/keys?${query}`, { headers: AUTHORIZATION });
      const { result, result_info: info } = (await response.json()) as {
        result: { name: string }[];
        result_info: { cursor: string };
      };
      names.push(...result.map(({ name }) => name));
      cursor = info.cursor;
    } while (cursor !== "");
    return names;
  };

  it("keeps every byte of a key, and refuses those that are no UTF-8", async () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => byte);
    const percent = (byte: number) => `%${byte.toString(16).padStart(2, "0")}`;
    const statuses = new Map<number, unknown>();
    for (const byte of bytes) statuses.set(byte, await put(`/values/bytes${percent(byte)}`));
    expect(statuses).toEqual(new Map(bytes.map((byte) => [byte, byte < 0x80 ? OK : INVALID])));
    expect(await listed("bytes")).toEqual(bytes.slice(0, 0x80).map((byte) => `bytes${String.fromCharCode(byte)}`));
    await hostile.assertSound(namespace);
  });

  it.each([
    ["empty", "/values/", INVALID],
    ["a dot", "/values/.", INVALID],
    ["a dot, encoded", "/values/%2e", INVALID],
    // A path of two dots is its parent, for every client and every server.
    ["two dots", "/values/..", NO_ROUTE],
    ["two dots, encoded", "/values/%2E%2e", NO_ROUTE],
    ["two dots, half encoded", "/values/.%2e", NO_ROUTE],
    ["two dots, encoded twice", "/values/%252e%252e", KEY_NOT_FOUND],
    ["three dots", "/values/...", KEY_NOT_FOUND],
    ["a slash, encoded", "/values/%2f", KEY_NOT_FOUND],
    ["dots behind an encoded slash", "/values/a%2f..", KEY_NOT_FOUND],
    ["out of the namespace", `/values/../../${EVENTUAL.id}/keys/x`, NO_ROUTE],
    ["a slash, encoded twice", "/values/%252f", KEY_NOT_FOUND],
    ["a slash, plain", "/values/a/b", NO_ROUTE],
    ["slashes at the end", "/values/a//", NO_ROUTE],
    ["slashes before", "//values/a", NO_ROUTE],
    ["a backslash", "/values/a\\b", NO_ROUTE],
    ["a backslash, encoded", "/values/a%5cb", KEY_NOT_FOUND],
    ["half an escape", "/values/%", INVALID],
    ["half an escape and more", "/values/%2", INVALID],
    ["an escape that is none", "/values/%zz", INVALID],
    ["an escape of UTF-16", "/values/%u0041", INVALID],
    ["NUL", "/values/%00", KEY_NOT_FOUND],
    ["a continuation byte alone", "/values/%bf", INVALID],
    ["a byte that UTF-8 never has", "/values/a%ff", INVALID],
    ["an overlong slash", "/values/%c0%af", INVALID],
    ["half a surrogate pair", "/values/%ed%a0%80", INVALID],
    ["a surrogate pair in six bytes", "/values/%ed%a0%bd%ed%b8%80", INVALID],
    ["a code point beyond Unicode", "/values/%f4%90%80%80", INVALID],
    ["half a character", "/values/%f0%9f%98", INVALID],
    ["a mark of the byte order", "/values/%ef%bb%bf", KEY_NOT_FOUND],
    ["512 bytes in four-byte characters", `/values/${"%f0%9f%98%80".repeat(128)}`, KEY_NOT_FOUND],
    ["514 bytes in two-byte characters", `/values/${"%c3%bc".repeat(257)}`, KEY_TOO_LONG],
    ["60,000 characters", `/values/${MARK}${"k".repeat(60_000)}`, KEY_TOO_LONG],
    ["60,000 escapes", `/values/${"%2e".repeat(20_000)}`, KEY_TOO_LONG],
    ["60,000 slashes", `/values/${"/".repeat(60_000)}`, NO_ROUTE],
    ["metadata of nothing", "/metadata/", INVALID],
    ["no such part", `/${MARK}`, NO_ROUTE],
    ["a part in capitals", "/VALUES/a", NO_ROUTE],
    ["a part with an escape in it", "/val%75es/a", NO_ROUTE],
    ["a prefix of a part", "/value/a", NO_ROUTE],
    ["more behind a part", "/keys/x", NO_ROUTE],
    ["more behind bulk", "/bulk/get/x", NO_ROUTE],
    ["a slash behind the namespace", "/", NO_ROUTE],
  ])("answers %s with what it is", async (_, rest, expected) => {
    expect(await get(rest)).toEqual(expected);
    await hostile.assertSound(namespace);
  });

  it("reads no more than a rule allows into a query", async () => {
    const queries = [
      "limit=9",
      "limit=1001",
      "limit=-1",
      "limit=1e3",
      "limit=NaN",
      "limit=",
      "limit=%00",
      "limit=10.0",
      "limit=+10",
      "limit=0x10",
      "limit=١٠",
      `limit=${"9".repeat(5e3)}`,
    ];
    for (const query of queries) {
      expect({ query, ...(await get(`/keys?${query}`)) }).toEqual({ query, ...INVALID });
    }
    for (const query of [
      "%",
      "&&&===",
      "limit=10&limit=99999",
      "x[y]=1",
      "__proto__=1",
      "prefix=%ff",
      `x=${"y".repeat(50_000)}`,
    ]) {
      expect({ query, ...(await get(`/keys?${query}`)) }).toEqual({ query, ...OK });
    }
    const expirations = ["9007199254740991", "9999999999999", "99999999999999999999", "-1", "1e3", "", "%00"];
    for (const expiration of expirations) {
      for (const name of ["expiration", "expiration_ttl"]) {
        const query = `${name}=${expiration}`;
        expect({ query, ...(await put(`/values/expiry?${query}`)) }).toEqual({ query, ...INVALID });
      }
    }
    expect(await get("/values/expiry")).toEqual(KEY_NOT_FOUND);
    await hostile.assertSound(namespace);
  });

  it("follows no cursor out of its prefix", async () => {
    for (const name of ["in/1", "in/2", "out/1"]) expect(await put(`/values/${encodeURIComponent(name)}`)).toEqual(OK);
    const made = ["out/", ["in/", "in/1"], ["in/", 1], ["out/", "out/1"], { 0: "in/", 1: "in/1" }, null].map((place) =>
      Buffer.from(typeof place === "string" ? place : JSON.stringify(place)).toString("base64url"),
    );
    for (const cursor of [...made, "x", "%00", "====", "A".repeat(30_000), "%f0%9f%98%80", "../../x"]) {
      const target = `${base}/keys?prefix=${encodeURIComponent("in/")}&cursor=${cursor}`;
      const { status, body } = await sendRaw(hostile.url, { method: "GET", target, headers: AUTHORIZATION });
      // Of an eventual namespace KV makes the cursors: what it takes is its own.
      expect({ cursor, status }).toEqual({ cursor, status: expect.toSatisfy((it) => it === 200 || it === 400) });
      expect(body).not.toContain("out/1");
    }
    await hostile.assertSound(namespace);
  });

  it("survives whatever is put together at random", async () => {
    const fragments = [
      "/",
      "//",
      ".",
      "..",
      "%2e",
      "%2f",
      "%00",
      "%ff",
      "%",
      "%25",
      "%e2%82%ac",
      "â¬",
      "ÿ",
      " ",
      "+",
      "?",
      "#",
      "&",
      "=",
      ";",
      ":",
      "@",
      "\\",
      "|",
      "<",
      '"',
      "'",
      "{",
      "*",
      "~",
      "values",
      "metadata",
      "keys",
      "bulk",
      "get",
      "namespaces",
      STRONG.id,
      "__proto__",
      "client",
      "v4",
      "kvshift",
      "v1",
      "a",
      "	",
    ];
    const methods = ["GET", "HEAD", "DELETE", "OPTIONS", "PATCH"];
    const random = sequence(namespace.id);
    const seen = new Set<number>();
    for (let round = 0; round < campaign(400); round += 1) {
      const parts = Array.from({ length: 1 + (random() % 8) }, () => fragments[random() % fragments.length] ?? "");
      const start = [`${base}/values/`, `${base}/`, "/client/v4/", "/"][random() % 4] ?? "";
      const target = `${start}${parts.join("")}`.replaceAll(" ", "%20");
      const method = methods[random() % methods.length] ?? "";
      const { status, body } = await sendRaw(hostile.url, { method, target, headers: AUTHORIZATION });
      expect({ method, target, status, body }).toEqual({
        method,
        target,
        body,
        status: expect.toSatisfy((it) => it === 200 || (it >= 400 && it < 500)),
      });
      seen.add(status);
    }
    expect([...seen]).toEqual(expect.arrayContaining([200, 400, 404, 405]));
    await hostile.assertSound(namespace);
  });
});

/** Numbers that are the same in each run: a linear congruence. */
function sequence(seed: string): () => number {
  let state = Number.parseInt(seed.slice(0, 8), 16);
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
