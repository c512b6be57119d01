import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RESP_TYPES } from "redis";

import { startUpstashStage, type UpstashStage } from "../support/upstash.ts";

let stage: UpstashStage;

beforeAll(async () => {
  stage = await startUpstashStage();
});
afterAll(() => stage[Symbol.asyncDispose]());
beforeEach(async () => {
  await stage.direct.flushAll();
});

const BASE64 = { "upstash-encoding": "base64" };

/** Status and body of a call with the token. */
async function call(path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const authorization = `Bearer ${stage.upstash.token.reveal()}`;
  const headers = { authorization, ...(init.headers as Record<string, string> | undefined) };
  const response = await fetch(stage.upstash.url + path, { ...init, headers });
  return { status: response.status, body: await response.json() };
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  call(path, { method: "POST", body: JSON.stringify(body), headers });
const ok = (result: unknown) => ({ status: 200, body: { result } });
const refused = (error: unknown, status = 400) => ({ status, body: { error } });

describe("a command in the path", () => {
  it("takes its arguments from the path, then the body, then the query", async () => {
    expect(await call("/set/foo/bar")).toEqual(ok("OK"));
    expect(await call("/GET/foo")).toEqual(ok("bar"));
    expect(await call("/set/foo/second/EX/100")).toEqual(ok("OK"));
    expect(await call("/set/foo?EX=200&GET=", { method: "POST", body: '{"a": 1}' })).toEqual(ok("second"));
    expect(await stage.direct.get("foo")).toBe('{"a": 1}');
    expect(await stage.direct.ttl("foo")).toBeGreaterThan(190);
    expect(await call("/mget/foo/absent", { method: "PUT" })).toEqual(ok(['{"a": 1}', null]));
    expect(await call("/zadd/teams/100/team-x/90/team-y", { method: "POST" })).toEqual(ok(2));
    expect(await call("/incr/absent")).toEqual(ok(1));
  });

  it("decodes each argument for itself, slashes and bytes that are no text included", async () => {
    expect(await call("/set/a%2Fb%3F/%E4%BC%9A%20%25")).toEqual(ok("OK"));
    expect(await stage.direct.get("a/b?")).toBe("会 %");
    expect(await call("/set/bytes/%00%FF%FE")).toEqual(ok("OK"));
    const direct = stage.direct.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    expect(await direct.get("bytes")).toEqual(Buffer.from([0, 255, 254]));
  });

  it("keeps a binary body, and gives it back in base64; without, what is no UTF-8 is replaced", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(await call("/set/binary", { method: "POST", body: bytes })).toEqual(ok("OK"));
    const encoded = Buffer.from(bytes).toString("base64");
    expect(await call("/get/binary", { headers: BASE64 })).toEqual(ok(encoded));
    expect(await call("/get/binary")).toEqual(ok(Buffer.from(bytes).toString("utf8")));
  });

  it("takes the token from the query too, and from nowhere else", async () => {
    const { url, token } = stage.upstash;
    const answers = await Promise.all(
      [`/set/k/v?_token=${token.reveal()}&NX`, "/get/k?_token=wrong", "/get/k"].map(async (path) => {
        const response = await fetch(url + path);
        return { status: response.status, body: (await response.json()) as unknown };
      }),
    );
    const wrong = refused("WRONGPASS invalid or missing auth token", 401);
    expect(answers).toEqual([ok("OK"), wrong, wrong]);
    expect(await stage.direct.get("k")).toBe("v");
  });

  it("answers HEAD without a body, and refuses methods that Upstash does not have", async () => {
    const headers = { authorization: `Bearer ${stage.upstash.token.reveal()}` };
    const head = await fetch(`${stage.upstash.url}/set/head/v`, { method: "HEAD", headers });
    expect([head.status, await head.text(), await stage.direct.get("head")]).toEqual([200, "", "v"]);
    expect(await call("/get/head", { method: "DELETE" })).toEqual(refused(expect.any(String), 405));
  });
});

describe("a command as JSON", () => {
  it("takes numbers as they are written and booleans as words", async () => {
    await call("/", { method: "POST", body: '["RPUSH", "l", 1, -2.50, 9007199254740993, 1e3, true]' });
    expect(await stage.direct.lRange("l", 0, -1)).toEqual(["1", "-2.50", "9007199254740993", "1e3", "true"]);
  });

  it("gives integers that no double holds digit by digit", async () => {
    await stage.direct.set("n", "9223372036854775806");
    const response = await fetch(stage.upstash.url, {
      method: "POST",
      body: '["INCR", "n"]',
      headers: { authorization: `Bearer ${stage.upstash.token.reveal()}` },
    });
    expect(await response.text()).toBe('{"result":9223372036854775807}');
  });

  it("encodes every text in base64 but the answer OK", async () => {
    await stage.direct.rPush("l", ["OK", "ü"]);
    expect(await post("/", ["SET", "k", "v"], BASE64)).toEqual(ok("OK"));
    expect(await post("/", ["LRANGE", "l", 0, -1], BASE64)).toEqual(ok(["T0s=", "w7w="]));
    expect(await post("/", ["EVAL", "return {{'a', 1}, false}", 0], BASE64)).toEqual(ok([["YQ==", 1], null]));
    expect(await post("/", ["PING"], BASE64)).toEqual(ok("UE9ORw=="));
  });

  it.each(["", "{}", "[]", '"GET"', '["GET", null]', '["SET", "k", {}]', '["GET"', "[[]]"])(
    "refuses %j, and runs nothing",
    async (body) => {
      expect(await call("/", { method: "POST", body })).toEqual(refused("ERR failed to parse command"));
      expect(await stage.direct.dbSize()).toBe(0);
    },
  );

  it("refuses ten megabytes and one byte, announced or not, and takes ten megabytes", async () => {
    const limit = 10 * 1024 * 1024;
    const frame = '["SET","k",""]'.length;
    const sized = (bytes: number) => JSON.stringify(["SET", "k", "x".repeat(bytes - frame)]);
    const error = `ERR max request size exceeded. Limit: ${String(limit)} bytes, Actual: ${String(limit + 1)} bytes`;
    expect(await call("/", { method: "POST", body: sized(limit + 1) })).toEqual(refused(error));
    const body = new Blob([sized(limit + 1)]).stream();
    expect(await call("/", { method: "POST", body, duplex: "half" } as RequestInit)).toEqual(
      refused(expect.stringContaining("ERR max request size exceeded")),
    );
    expect(await call("/", { method: "POST", body: sized(limit) })).toEqual(ok("OK"));
    expect(await stage.direct.strLen("k")).toBe(limit - frame);
  });
});

describe("a pipeline", () => {
  it("answers each command in its place, the refused ones too", async () => {
    const commands = [["SET", "key1", "valuex"], ["SUBSCRIBE", "c"], ["INCR", "key1"], ["FOO"], ["GET", "key1"]];
    expect(await post("/pipeline", commands)).toEqual({
      status: 200,
      body: [
        { result: "OK" },
        { error: 'ERR Command "SUBSCRIBE" is not allowed in REST or it has a special context path' },
        { error: "ERR value is not an integer or out of range" },
        { error: expect.stringContaining("ERR Command is not available: 'FOO'.") },
        { result: "valuex" },
      ],
    });
  });

  it.each(["[]", "{}", '["GET", "k"]', "[[]]", "[null]", "["])("refuses %s", async (body) => {
    for (const path of ["/pipeline", "/multi-exec"]) {
      expect(await call(path, { method: "POST", body })).toEqual(refused("ERR failed to parse pipeline request"));
    }
  });
});

describe("a transaction", () => {
  it("lets no command of others come between", async () => {
    const increments = Array.from({ length: 5 }, () => ["INCR", "n"]);
    const rounds = Array.from({ length: 60 }, async () => {
      const others = [post("/", ["INCR", "n"]), post("/pipeline", increments)];
      const { body } = await post("/multi-exec", increments);
      await Promise.all(others);
      return (body as { result: number }[]).map(({ result }) => result);
    });
    for (const numbers of await Promise.all(rounds)) {
      const [first = Number.NaN] = numbers;
      expect(numbers).toEqual(increments.map((_, index) => first + index));
    }
  });

  it("runs nothing of a transaction that holds what cannot run", async () => {
    const set = ["SET", "k", "v"];
    expect(await post("/multi-exec", [set, ["FOO"]])).toEqual(
      refused(expect.stringContaining("ERR Command is not available: 'FOO'.")),
    );
    expect(await post("/multi-exec", [set, ["GET"]])).toEqual(
      refused("ERR wrong number of arguments for 'get' command"),
    );
    expect(await post("/multi-exec", [set, ["BLPOP", "l", 0]])).toEqual(
      refused('ERR Command "BLPOP" is not allowed in REST or it has a special context path'),
    );
    expect(await stage.direct.exists("k")).toBe(0);
    expect(await post("/multi-exec", [set, ["INCR", "k"], ["GET", "k"]], BASE64)).toEqual({
      status: 200,
      body: [{ result: "OK" }, { error: "ERR value is not an integer or out of range" }, { result: "dg==" }],
    });
  });
});
