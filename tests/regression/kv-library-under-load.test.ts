import { inspect } from "node:util";

import { describe, expect, it } from "vitest";

import { type Codec, type KvError, text } from "../../src/kv/index.ts";
import { KvStore } from "../../src/kv/sessions/express.ts";
import { sessionsIn } from "../../src/kv/sessions/index.ts";
import { memoryKv, type MemoryKvOptions } from "../support/memory-kv.ts";

const answer = (status: number, result: unknown, success = status === 200): Response =>
  Response.json({ success, errors: [], messages: [], result }, { status });

/** The library on the gateway's own code. `before` may answer a call in its place, or hold it back. */
function counted(
  before: (call: number) => Promise<Response | undefined> = async () => undefined,
  more: MemoryKvOptions = {},
) {
  let calls = 0;
  const { kv, raw } = memoryKv({
    ...more,
    around: async (ask) => {
      calls += 1;
      return (await before(calls)) ?? ask();
    },
  });
  return { kv, raw, calls: () => calls };
}

const failureOf = async (work: Promise<unknown>): Promise<KvError> =>
  work.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error as KvError,
  );

/** A door that opens when it is told. */
function door() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe("a bulk write of which a part is done", () => {
  const PAIRS = [
    ["a", 2],
    ["b", 2],
  ] as const;

  it("names what is left where the repeat fails, and memory does not say the old value of the rest", async () => {
    const answers = [undefined, answer(503, { unsuccessful_keys: ["b"] }), answer(401, null)];
    const { kv } = counted(async (call) => answers[call - 1]);
    const cache = kv.namespace<number>("cache", { nearCache: { ttlSeconds: 60 } });
    await cache.put("a", 1);
    const error = await failureOf(cache.putMany(PAIRS));
    expect(error).toMatchObject({ code: "INCOMPLETE", keys: ["b"], isOutcomeUnknown: true });
    expect(error.cause).toMatchObject({ code: "UNAUTHORIZED" });
  });

  it.each([200, 503])("is not done where %i says that nothing was, and names nothing", async (status) => {
    const nothing = () => answer(status, { successful_key_count: 0, unsuccessful_keys: [] }, false);
    const { kv } = counted(async () => nothing());
    expect(await failureOf(kv.namespace<number>("cache").putMany(PAIRS))).toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("reads of one tick", () => {
  it("give everybody an object of their own", async () => {
    const cache = counted().kv.namespace<{ n: number }>("cache");
    await cache.put("k", { n: 1 });
    const [one, other] = await Promise.all([cache.get("k"), cache.get("k")]);
    if (one !== undefined) one.n = 99;
    expect(other).toEqual({ n: 1 });
  });

  it("are judged by the schema once for everybody, from what is stored", async () => {
    const { kv } = counted();
    await kv.namespace<number>("cache").put("k", 1);
    const schema = {
      "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value: new Date(Number(value)) }) },
    } as const;
    const cache = kv.namespace<Date>("cache", { schema });
    expect(await Promise.all([cache.get("k"), cache.get("k")])).toEqual([new Date(1), new Date(1)]);
  });

  it("stop where one has failed", async () => {
    const { kv, calls } = counted(async () => answer(403, null));
    const cache = kv.namespace("cache", { codec: text(), packFromBytes: 1 });
    await failureOf(cache.getMany(Array.from({ length: 200 }, (_, index) => String(index))));
    expect(calls()).toBeLessThan(20);
  });
});

describe("what `wrap` makes", () => {
  it.each(["delete", "put"] as const)(
    "does not come back after a %s while it is written, without a near cache",
    async (change) => {
      const { opened, open } = door();
      const started = door();
      const { kv } = counted(async (call) => {
        // The first call reads, the second writes what was made.
        if (call !== 2) return undefined;
        started.open();
        await opened;
        return undefined;
      });
      const cache = kv.namespace<string>("cache");
      const making = cache.wrap("k", () => "old");
      await started.opened;
      const changing = change === "delete" ? cache.delete("k") : cache.put("k", "new");
      open();
      await Promise.all([making, changing]);
      expect(await cache.get("k")).toBe(change === "delete" ? undefined : "new");
    },
  );

  it("is made anew where that is asked for, although another one is being made", async () => {
    const { opened, open } = door();
    const cache = counted().kv.namespace<string>("cache");
    const first = cache.wrap("k", async () => {
      await opened;
      return "from before";
    });
    expect(await cache.wrap("k", () => "new", { refresh: true })).toBe("new");
    open();
    await first;
  });

  it.each(["delete", "put", "refresh"] as const)(
    "before it was made anew does not come back after a %s, however late it ends",
    async (change) => {
      const { opened, open } = door();
      const started = door();
      const cache = counted().kv.namespace<string>("cache");
      const first = cache.wrap("k", async () => {
        started.open();
        await opened;
        return "from before";
      });
      await started.opened;
      await cache.wrap("k", () => "refreshed", { refresh: true });
      if (change === "delete") await cache.delete("k");
      if (change === "put") await cache.put("k", "put");
      open();
      await first;
      const left = { delete: undefined, put: "put", refresh: "refreshed" };
      expect(await cache.get("k")).toBe(left[change]);
    },
  );

  it("says nothing of a value that an application's own codec cannot read for those who waited", async () => {
    const codec: Codec<string> = {
      ...text(),
      name: "mine",
      decode: () => {
        throw new Error("secret value");
      },
    };
    const cache = counted().kv.namespace<string>("cache", { codec });
    const { opened, open } = door();
    const load = async (): Promise<string> => {
      await opened;
      return "value";
    };
    const both = Promise.allSettled([cache.wrap("k", load), cache.wrap("k", load)]);
    open();
    expect((await both)[1]).toMatchObject({ status: "rejected", reason: { code: "VALUE_INVALID" } });
    expect(inspect(await both)).not.toContain("secret value");
  });

  it("does not block its key for ever where it never ends", async () => {
    let elapsed = 0;
    const cache = counted(undefined, { world: { elapsed: () => elapsed } }).kv.namespace<string>("cache");
    await new Promise<void>((isMaking) => {
      void cache.wrap("k", () => {
        isMaking();
        return new Promise<string>(() => undefined);
      });
    });
    elapsed = 61_000;
    expect(await cache.wrap("k", () => "good")).toBe("good");
  });
});

describe("a write that waits for its turn", () => {
  it("gives up with its own deadline, and says that nothing was sent", async () => {
    const { opened, open } = door();
    const { kv } = counted(async (call) => {
      if (call === 1) await opened;
      return undefined;
    });
    const cache = kv.namespace<number>("cache", { nearCache: { ttlSeconds: 60 } });
    const first = cache.put("k", 1);
    const error = await failureOf(cache.put("k", 2, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: "ABORTED", isOutcomeUnknown: false });
    const third = cache.put("k", 3);
    open();
    await Promise.all([first, third]);
    expect(await cache.get("k")).toBe(3);
  });
});

describe("what is stored", () => {
  it("can be read into a near cache however long its lists are", async () => {
    const cache = counted().kv.namespace("cache", { nearCache: { ttlSeconds: 60 } });
    const long = Array.from({ length: 300_000 }, () => ({}));
    await cache.put("k", long);
    expect(await cache.get("k")).toHaveLength(long.length);
  });

  it("of a newer version is not brought to an older one", async () => {
    const { kv } = counted();
    await kv.namespace("cache", { schemaVersion: 3 }).put("k", { form: 3 });
    const old = kv.namespace("cache", { schemaVersion: 2, migrate: () => "wreck" });
    expect(await old.get("k")).toEqual({ form: 3 });
  });

  it("is brought to the present version by a function that takes its time, whose error says no value", async () => {
    const { kv } = counted();
    await kv.namespace("cache", { schemaVersion: 1 }).put("k", "secret 1");
    const later = kv.namespace("cache", {
      schemaVersion: 2,
      migrate: async (value) => Promise.resolve(`${String(value)}!`),
    });
    expect(await later.get("k")).toBe("secret 1!");
    const failing = kv.namespace("cache", {
      schemaVersion: 2,
      migrate: async (value) => Promise.reject(new Error(String(value))),
    });
    const error = await failureOf(failing.get("k"));
    expect({ code: error.code, leaks: error.message.includes("secret") }).toEqual({
      code: "VALUE_INVALID",
      leaks: false,
    });
  });

  it("is in no message, and keys are not in what loggers print of an error", async () => {
    const { kv } = counted();
    await kv.namespace("cache").put("k", { "ada@example.com": 1 });
    const strict = kv.namespace("cache", {
      schema: { "~standard": { version: 1, validate: () => ({ issues: [{ path: ["ada@example.com", "age"] }] }) } },
    });
    const error = await failureOf(strict.get("k"));
    expect(error.message).toBe("The stored value does not fit its schema at ….age.");
    expect(Object.keys(error)).not.toContain("keys");
  });
});

describe("one session of many requests at once", () => {
  it.each([2, 100, 200])("loses nothing where %i save it, and takes few requests for that", async (requests) => {
    const { kv, calls } = counted();
    const sessions = sessionsIn(kv.strong("sessions"));
    const base = await sessions.save("id", { user: "ada" }, 600);
    const before = calls();
    const fields = Array.from({ length: requests }, (_, index) => [`f${String(index)}`, index] as const);
    await Promise.all(fields.map(([name, value]) => sessions.save("id", { user: "ada", [name]: value }, 600, base)));
    expect((await sessions.load("id"))?.data).toEqual({ user: "ada", ...Object.fromEntries(fields) });
    expect(calls() - before).toBeLessThan(10);
  });

  it("stays destroyed whatever waits to be saved", async () => {
    const sessions = sessionsIn(counted().kv.strong("sessions"));
    const base = await sessions.save("id", { user: "ada" }, 600);
    const saves = Array.from({ length: 20 }, (_, index) => sessions.save("id", { f: index }, 600, base));
    await Promise.all([sessions.destroy("id"), ...saves]);
    expect(await sessions.load("id")).toBeUndefined();
  });
});

describe("express-session's store", () => {
  type Session = Parameters<KvStore["set"]>[1];
  const sessionOf = (more: object) => ({ cookie: { originalMaxAge: 60_000 }, ...more }) as unknown as Session;
  const done = (call: (finish: (error?: unknown) => void) => void) =>
    new Promise<void>((resolve, reject) => {
      call((error) => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  const loaded = (store: KvStore) =>
    new Promise<Record<string, unknown> | null | undefined>((resolve) => {
      store.get("id", (_error, session) => {
        resolve(session as unknown as Record<string, unknown>);
      });
    });

  it("keeps a session whose cookie ends with the browser: `expires` is false then", async () => {
    const store = new KvStore({ namespace: counted().kv.strong("sessions") });
    await done((finish) => store.set("id", sessionOf({ user: "ada", cookie: { expires: false } }), finish));
    expect(await loaded(store)).toMatchObject({ user: "ada" });
  });

  it("keeps a session in its last minute where Workers KV takes no end so near", async () => {
    const store = new KvStore({ namespace: counted().kv.namespace("cache"), acceptStaleLogout: true });
    const soon = new Date(Date.now() + 30_000);
    await done((finish) => store.set("id", sessionOf({ user: "ada", cookie: { expires: soon } }), finish));
    expect(await loaded(store)).toMatchObject({ user: "ada" });
  });

  it("stores two saves of one request in the order of the program", async () => {
    const store = new KvStore({ namespace: counted().kv.strong("sessions") });
    await done((finish) => store.set("id", sessionOf({ step: 0, gone: true }), finish));
    const session = await loaded(store);
    const first = done((finish) => store.set("id", session as unknown as Session, finish));
    Object.assign(session ?? {}, { step: 2 });
    Reflect.deleteProperty(session ?? {}, "gone");
    const second = done((finish) => store.set("id", session as unknown as Session, finish));
    await Promise.all([first, second]);
    const stored = await loaded(store);
    expect({ step: stored?.["step"], gone: stored?.["gone"] }).toEqual({ step: 2, gone: undefined });
  });
});
