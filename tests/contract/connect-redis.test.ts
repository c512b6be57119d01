import { RedisStore } from "connect-redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { KvStore } from "../../src/kv/sessions/express.ts";
import { type ConformingStore, sessionStoreCases } from "../../src/kv/testing/index.ts";
import { memoryKv } from "../support/memory-kv.ts";
import { startUpstashStage, type UpstashStage } from "../support/upstash.ts";

const HOUR_MS = 3_600_000;

describe("connect-redis on a real Redis", () => {
  let stage: UpstashStage;
  beforeAll(async () => {
    stage = await startUpstashStage();
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it("passes the conformance suite but where requests meet, and an ended cookie that was stored", async () => {
    const failed: string[] = [];
    for (const { title, run } of sessionStoreCases) {
      const store: ConformingStore = new RedisStore({ client: stage.direct });
      await run(store).catch(() => failed.push(title));
    }
    expect(failed).toEqual([
      "does not bring a destroyed session back where a request that had loaded it ends later",
      "keeps the fields of two requests at once that change different ones",
      "keeps a field deleted that one request deleted while another one changed the rest",
      "keeps what one request added while another one, which began before, stores twice",
    ]);
  });
});

/** What connect-redis asks of itself, asked of this store: lifetimes, a thousand sessions, a lifetime by a function. */
describe("the session store, by what connect-redis's own tests ask", () => {
  const call = <Result>(work: (done: (error?: unknown, result?: Result) => void) => void) =>
    new Promise<Result | undefined>((resolve, reject) => {
      work((error, result) => {
        if (error === null || error === undefined) resolve(result);
        else reject(error);
      });
    });
  const cookie = (lifeMs?: number) => ({
    originalMaxAge: lifeMs ?? null,
    ...(lifeMs === undefined ? {} : { expires: new Date(Date.now() + lifeMs) }),
  });

  function storeOf(options: { readonly ttlSeconds?: number | (() => number) } = {}) {
    const { kv, raw } = memoryKv();
    const store = new KvStore({ namespace: kv.strong("sessions"), ...options });
    const set = (id: string, session: object) => call((done) => store.set(id, session as never, done));
    /** Seconds that the only session has left. */
    const left = async () => {
      const keys: string[] = [];
      for await (const { key } of kv.strong("sessions").list({ prefix: "session:" })) keys.push(key);
      const { expiration } = (await raw("sessions", keys[0] ?? "")) ?? {};
      return Math.round(Number(expiration) - Date.now() / 1000);
    };
    return { store, set, left };
  }

  it.each([
    ["the namespace's, where the cookie has no end", {}, undefined, 86_400],
    ["its own, where the cookie has no end", { ttlSeconds: 1200 }, undefined, 1200],
    ["that of the cookie", { ttlSeconds: 1200 }, HOUR_MS, 3600],
    ["what a function says", { ttlSeconds: () => 77 }, HOUR_MS, 77],
  ] as const)("takes a lifetime: %s", async (_name, options, lifeMs, seconds) => {
    const { set, left } = storeOf(options);
    await set("id", { cookie: cookie(lifeMs) });
    expect(Math.abs((await left()) - seconds)).toBeLessThanOrEqual(1);
  });

  it("touches: the end becomes that of the cookie, and nothing else changes", async () => {
    const { store, set, left } = storeOf();
    await set("id", { cookie: cookie(HOUR_MS), name: "ada" });
    await call((done) => {
      store.touch("id", { cookie: cookie(2 * HOUR_MS), name: "eve" } as never, done);
    });
    expect(Math.abs((await left()) - 7200)).toBeLessThanOrEqual(1);
    const found = await call<object | null>((done) => {
      store.get("id", done);
    });
    expect(found).toMatchObject({ name: "ada" });
  });

  it("destroys a session whose cookie has ended, at a set and at a touch", async () => {
    const { store, set } = storeOf();
    const count = () => call<number>((done) => store.length(done));
    await set("a", { cookie: cookie(HOUR_MS) });
    await set("b", { cookie: cookie(HOUR_MS) });
    await set("a", { cookie: cookie(-1) });
    await call((done) => store.touch("b", { cookie: cookie(-1) } as never, done));
    expect(await count()).toBe(0);
  });

  it("holds a thousand sessions, lists all of them, and clears them", async () => {
    const { store, set } = storeOf();
    const ids = Array.from({ length: 1000 }, (_, index) => `session ${String(index)}`);
    await Promise.all(ids.map((id) => set(id, { cookie: cookie(HOUR_MS), id })));
    expect(await call<number>((done) => store.length(done))).toBe(1000);
    const all = await call<{ readonly id?: string }[] | null>((done) => {
      store.all(done as never);
    });
    expect(new Set(all?.map(({ id }) => id))).toEqual(new Set(ids));
    await call((done) => store.clear(done));
    expect(await call<number>((done) => store.length(done))).toBe(0);
  });
});
