import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { startUpstashStage, type UpstashStage } from "../support/upstash.ts";

let stage: UpstashStage;

beforeAll(async () => {
  stage = await startUpstashStage();
});
afterAll(() => stage[Symbol.asyncDispose]());
beforeEach(async () => {
  await stage.direct.flushAll();
  stage.upstash.requestLog.drain();
});

interface Flavour {
  readonly enableAutoPipelining: boolean;
  readonly responseEncoding: "base64" | false;
}

const FLAVOURS: readonly Flavour[] = [true, false].flatMap((enableAutoPipelining) =>
  (["base64", false] as const).map((responseEncoding) => ({ enableAutoPipelining, responseEncoding })),
);
/** Seconds since the epoch. */
const IN_2100 = 4_102_444_800;
const NAMES = ["session", "sitzung-ü", "会话", "🗝️ with spaces/and?more#", "OK"];

function sdk(flavour: Flavour, token = stage.upstash.token.reveal()): Redis {
  return new Redis({ url: stage.upstash.url, token, retry: false, ...flavour });
}

describe.each(FLAVOURS)(
  "the official SDK with automatic pipelining $enableAutoPipelining and encoding $responseEncoding",
  (flavour) => {
    it("writes and reads strings under any key as node-redis does", async () => {
      const redis = sdk(flavour);
      for (const name of NAMES) {
        expect(await redis.set(name, `${name}=${name}`)).toBe("OK");
        expect(await stage.direct.get(name)).toBe(`${name}=${name}`);
        expect(await redis.get(name)).toBe(`${name}=${name}`);
        expect(await redis.append(name, "!")).toBe(await stage.direct.strLen(name));
      }
      await stage.direct.set("from-node-redis", "OK");
      expect(await redis.get("from-node-redis")).toBe("OK");
      expect(await redis.mget("from-node-redis", "absent", "OK")).toEqual(["OK", null, "OK=OK!"]);
      expect(await redis.set("empty", "")).toBe("OK");
      expect([await redis.get("empty"), await stage.direct.get("empty")]).toEqual(["", ""]);
      expect(await redis.getdel("empty")).toBe("");
      expect(await redis.exists("empty", "OK")).toBe(1);
      expect(await redis.type("OK")).toBe("string");
    });

    it("counts in integers and fractions", async () => {
      const redis = sdk(flavour);
      expect([await redis.incr("n"), await redis.incrby("n", 41), await redis.decr("n")]).toEqual([1, 42, 41]);
      expect(await stage.direct.get("n")).toBe("41");
      expect(await redis.incrby("n", -100)).toBe(-59);
      expect(await redis.incrbyfloat("n", 0.5)).toBe(-58.5);
      expect(await stage.direct.get("n")).toBe("-58.5");
    });

    it("keeps the time to live of every form, and obeys NX, XX, GET and KEEPTTL", async () => {
      const redis = sdk(flavour);
      await redis.set("seconds", "v", { ex: 100 });
      await redis.set("milliseconds", "v", { px: 90_500 });
      await redis.set("at", "v", { exat: IN_2100 });
      expect(await stage.direct.ttl("seconds")).toBeGreaterThan(95);
      expect(await stage.direct.pTTL("milliseconds")).toBeGreaterThan(85_000);
      const untilThen = IN_2100 - Date.now() / 1000;
      expect(Math.abs((await stage.direct.ttl("at")) - untilThen)).toBeLessThan(5);
      expect(await redis.set("seconds", "other", { nx: true })).toBeNull();
      expect(await redis.set("absent", "other", { xx: true })).toBeNull();
      expect(await redis.set("seconds", "newer", { get: true, keepTtl: true })).toBe("v");
      expect(await stage.direct.get("seconds")).toBe("newer");
      expect(await redis.ttl("seconds")).toBeGreaterThan(95);
      expect([await redis.persist("seconds"), await redis.ttl("seconds"), await redis.ttl("absent")]).toEqual([
        1, -1, -2,
      ]);
      expect(await redis.getex("seconds", { ex: 30 })).toBe("newer");
      expect(await stage.direct.ttl("seconds")).toBeGreaterThan(25);
      expect([await redis.expire("at", -1), await stage.direct.exists("at")]).toEqual([1, 0]);
    });

    it("keeps values that the SDK writes as JSON", async () => {
      const redis = sdk(flavour);
      const values = [{ user: "ü", roles: ["a", "b"], age: 7.5, none: null }, [1, [2, "x"]], 12, true, "text", null];
      for (const value of values) {
        await redis.set("json", value);
        expect(await stage.direct.get("json")).toBe(typeof value === "string" ? value : JSON.stringify(value));
        expect(await redis.get("json")).toEqual(value);
      }
    });

    it("carries a value of five megabytes and a text of every plane of Unicode", async () => {
      const redis = sdk(flavour);
      const large = 'ä🙂 \u0000"\\\n'.repeat(400_000);
      await redis.set("large", large);
      expect((await stage.direct.get("large")) === large).toBe(true);
      expect((await redis.get("large")) === large).toBe(true);
    });

    it("handles hashes, with their increments and absent fields", async () => {
      const redis = sdk(flavour);
      expect(await redis.hset("h", { name: "Ünï", count: 1, nested: { a: [1] } })).toBe(3);
      expect({ ...(await stage.direct.hGetAll("h")) }).toEqual({ name: "Ünï", count: "1", nested: '{"a":[1]}' });
      expect(await redis.hgetall("h")).toEqual({ name: "Ünï", count: 1, nested: { a: [1] } });
      expect(await redis.hmget("h", "name", "absent")).toEqual({ name: "Ünï", absent: null });
      expect([await redis.hincrby("h", "count", 4), await redis.hdel("h", "nested"), await redis.hlen("h")]).toEqual([
        5, 1, 2,
      ]);
      expect([await redis.hgetall("absent"), await redis.hget("absent", "f")]).toEqual([null, null]);
    });

    it("handles lists, sets and sorted sets", async () => {
      const redis = sdk(flavour);
      expect(await redis.rpush("l", "a", "OK", "c", "ü")).toBe(4);
      expect(await redis.lrange("l", 0, -1)).toEqual(await stage.direct.lRange("l", 0, -1));
      expect([await redis.lpop("l"), await redis.rpop("l", 2), await redis.llen("l")]).toEqual(["a", ["ü", "c"], 1]);
      expect(await redis.sadd("s", "x", "y", "x")).toBe(2);
      expect((await redis.smembers("s")).toSorted()).toEqual((await stage.direct.sMembers("s")).toSorted());
      expect([await redis.sismember("s", "x"), await redis.smismember("s", ["x", "z"])]).toEqual([1, [1, 0]]);
      expect(await redis.zadd("z", { score: 1.5, member: "one" }, { score: -2, member: "two" })).toBe(2);
      expect(await redis.zrange("z", 0, -1, { withScores: true })).toEqual(["two", -2, "one", 1.5]);
      expect(await stage.direct.zRangeWithScores("z", 0, -1)).toEqual([
        { value: "two", score: -2 },
        { value: "one", score: 1.5 },
      ]);
      expect([await redis.zscore("z", "one"), await redis.zrank("z", "absent")]).toEqual([1.5, null]);
    });

    it("finds every key and field by SCAN and HSCAN", async () => {
      const redis = sdk(flavour);
      const names = Array.from({ length: 500 }, (_, index) => `key:${String(index)}`).toSorted();
      await stage.direct.mSet(names.map((name) => [name, name] as const));
      await stage.direct.hSet("fields", Object.fromEntries(names.map((name) => [name, "v"])));
      const keys = new Set<string>();
      const fields = new Set<unknown>();
      let cursor = "0";
      do {
        const [next, found] = await redis.scan(cursor, { match: "key:*", count: 50 });
        for (const key of found) keys.add(key);
        cursor = next;
      } while (cursor !== "0");
      do {
        const [next, found] = await redis.hscan("fields", cursor);
        for (const field of found.filter((_, index) => index % 2 === 0)) fields.add(field);
        cursor = next;
      } while (cursor !== "0");
      expect([...keys].toSorted()).toEqual(names);
      expect([...fields].map(String).toSorted()).toEqual(names);
    });

    it("runs scripts, whose answers may be nested", async () => {
      const redis = sdk(flavour);
      const script = "redis.call('SET', KEYS[1], ARGV[1]); return {1, 'two', false, {'OK', {3}}, ARGV[1]}";
      const answer = [1, "two", null, ["OK", [3]], "ü"];
      expect(await redis.eval(script, ["written"], ["ü"])).toEqual(answer);
      expect(await stage.direct.get("written")).toBe("ü");
      const sha = await redis.scriptLoad(script);
      expect(await redis.evalsha(sha, ["written"], ["ü"])).toEqual(answer);
      expect(await redis.eval("return redis.status_reply('OK')", [], [])).toBe("OK");
    });

    it("runs a pipeline in order, each command with its own end", async () => {
      const redis = sdk(flavour);
      const results = await redis
        .pipeline()
        .set("k", "text")
        .incr("k")
        .lpush("l", 1, 2)
        .lrange("l", 0, -1)
        .get("absent")
        .exec({ keepErrors: true });
      expect(results).toEqual([
        { result: "OK" },
        { result: undefined, error: "ERR value is not an integer or out of range" },
        { result: 2 },
        { result: [2, 1] },
        { result: null },
      ]);
      expect(await stage.direct.lRange("l", 0, -1)).toEqual(["2", "1"]);
    });

    it("runs a transaction whole, and goes on after a command that fails as Redis does", async () => {
      const redis = sdk(flavour);
      const fine = await redis.multi().set("a", 1).incr("a").hset("h", { f: "v" }).hgetall("h").exec();
      expect(fine).toEqual(["OK", 2, 1, { f: "v" }]);
      const failing = redis.multi().set("b", "x").incr("b").set("c", "y");
      await expect(failing.exec()).rejects.toThrow("ERR value is not an integer or out of range");
      expect(await stage.direct.mGet(["a", "b", "c"])).toEqual(["2", "x", "y"]);
    });

    it("reports errors of Redis and of Upstash in their words", async () => {
      const redis = sdk(flavour);
      await redis.set("text", "v");
      await expect(redis.lpush("text", 1)).rejects.toThrow("WRONGTYPE Operation against a key");
      await expect(redis.exec(["GET"])).rejects.toThrow("ERR wrong number of arguments for 'get' command");
      await expect(redis.exec(["FOO", "bar"])).rejects.toThrow("ERR Command is not available: 'FOO'");
      await expect(redis.exec(["BLPOP", "l", 1])).rejects.toThrow('ERR Command "BLPOP" is not allowed in REST');
      await expect(redis.set("huge", "x".repeat(11 * 1024 * 1024))).rejects.toThrow("ERR max request size exceeded");
      await expect(sdk(flavour, "wrong").get("text")).rejects.toThrow("WRONGPASS invalid or missing auth token");
      expect(await redis.get("text")).toBe("v");
    });

    it("sends what is asked at once in one request only with automatic pipelining", async () => {
      const redis = sdk(flavour);
      const names = Array.from({ length: 40 }, (_, index) => `k${String(index)}`);
      await Promise.all(names.map((name) => redis.set(name, name)));
      const paths = stage.upstash.requestLog.drain().map(({ path }) => path);
      expect(paths).toEqual(flavour.enableAutoPipelining ? ["/pipeline"] : names.map(() => "/"));
      expect(await stage.direct.mGet(names)).toEqual(names);
    });
  },
);
