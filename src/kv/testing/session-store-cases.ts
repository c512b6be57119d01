/** A store of express-session, as far as the cases call it: https://github.com/expressjs/session#session-store-implementation */
export interface ConformingStore {
  get(id: string, done: (error: unknown, session?: object | null) => void): void;
  set(id: string, session: never, done?: (error?: unknown) => void): void;
  touch?(id: string, session: never, done?: (error?: unknown) => void): void;
  destroy(id: string, done?: (error?: unknown) => void): void;
  all?(done: (error: unknown, sessions?: object | null) => void): void;
  length?(done: (error: unknown, length?: number) => void): void;
  clear?(done?: (error?: unknown) => void): void;
  load(id: string, done: (error: unknown, session?: object) => void): void;
}

/** One thing that a session store has to do. `run` throws where it does not. */
export interface SessionStoreCase {
  readonly title: string;
  readonly run: (store: ConformingStore) => Promise<void>;
}

type Fields = Record<string, unknown>;

const HOUR_MS = 3_600_000;
let made = 0;

/** A name that no case before has used. */
function freshId(): string {
  made += 1;
  return `conformance-${String(made)}-${Math.random().toString(36).slice(2)}`;
}

function cookie(lifeMs: number = HOUR_MS): Fields {
  return { originalMaxAge: lifeMs, expires: new Date(Date.now() + lifeMs).toISOString(), httpOnly: true, path: "/" };
}

function called<Result>(call: (done: (error: unknown, result?: Result) => void) => void): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    call((error, result) => {
      if (error === null || error === undefined) resolve(result);
      else reject(error);
    });
  });
}

/** The type of a session is the store's own affair. */
function asAny(session: object): never {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return session as never;
}

async function put(store: ConformingStore, id: string, session: object): Promise<void> {
  await called((done) => {
    store.set(id, asAny(session), done);
  });
}

async function read(store: ConformingStore, id: string): Promise<Fields | undefined> {
  const found = await called<object | null>((done) => {
    store.get(id, done);
  });
  return found === null || found === undefined ? undefined : { ...found };
}

/** As the middleware does at the beginning of a request. */
async function load(store: ConformingStore, id: string): Promise<Fields> {
  const found = await called<object>((done) => {
    store.load(id, done);
  });
  if (found === undefined) throw new Error("a session that was stored is not there");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the very object: a store may know it again
  return found as Fields;
}

async function destroy(store: ConformingStore, id: string): Promise<void> {
  await called((done) => {
    store.destroy(id, done);
  });
}

async function touch(store: ConformingStore, id: string, session: object): Promise<void> {
  if (store.touch === undefined) throw new Error("the store has no touch");
  await called((done) => store.touch?.(id, asAny(session), done));
}

function expectSame(found: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: expected ${b}, found ${a}`);
}

/** What people rely on in a session store, one case each; for any test runner: `it(title, () => run(store))`. */
export const sessionStoreCases: readonly SessionStoreCase[] = [
  {
    title: "gives back what was stored",
    run: async (store) => {
      const id = freshId();
      const user = { name: "Ада", roles: ["a", "b"], nested: { deep: [1, 2, { x: null }] } };
      await put(store, id, { cookie: cookie(), user });
      expectSame((await read(store, id))?.["user"], user, "the session");
    },
  },
  {
    title: "gives nothing, and no error, for an id that nobody stored",
    run: async (store) => {
      expectSame(await read(store, freshId()), undefined, "the session");
    },
  },
  {
    title: "replaces a session as a whole where it is stored without being loaded",
    run: async (store) => {
      const id = freshId();
      await put(store, id, { cookie: cookie(), a: 1 });
      await put(store, id, { cookie: cookie(), b: 2 });
      const { cookie: _cookie, ...rest } = (await read(store, id)) ?? {};
      expectSame(rest, { b: 2 }, "the fields");
    },
  },
  {
    title: "hands out copies: a change that is not stored changes nothing",
    run: async (store) => {
      const id = freshId();
      await put(store, id, { cookie: cookie(), list: [1] });
      const first = await read(store, id);
      Object.assign(first?.["list"] ?? [], { 1: 2 });
      expectSame((await read(store, id))?.["list"], [1], "the list");
    },
  },
  {
    title: "has nothing of a session that was destroyed",
    run: async (store) => {
      const id = freshId();
      await put(store, id, { cookie: cookie() });
      await destroy(store, id);
      expectSame(await read(store, id), undefined, "the session");
    },
  },
  {
    title: "is content with destroying what is not there",
    run: (store) => destroy(store, freshId()),
  },
  {
    title: "does not bring a destroyed session back where a request that had loaded it ends later",
    run: async (store) => {
      const id = freshId();
      await put(store, id, { cookie: cookie(), user: "ada" });
      const late = await load(store, id);
      await destroy(store, id);
      late["seen"] = true;
      await put(store, id, late).catch(() => undefined);
      expectSame(await read(store, id), undefined, "the session");
    },
  },
  {
    title: "does not bring a destroyed session back by a touch",
    run: async (store) => {
      const id = freshId();
      await put(store, id, { cookie: cookie(), user: "ada" });
      const late = await load(store, id);
      await destroy(store, id);
      await touch(store, id, late).catch(() => undefined);
      expectSame(await read(store, id), undefined, "the session");
    },
  },
  {
    title: "keeps the fields of two requests at once that change different ones",
    run: async (store) => {
      const id = freshId();
      await put(store, id, { cookie: cookie(), a: 0, b: 0 });
      const [one, two] = [await load(store, id), await load(store, id)];
      one["a"] = 1;
      two["b"] = 2;
      await Promise.all([put(store, id, one), put(store, id, two)]);
      const { a, b } = (await read(store, id)) ?? {};
      expectSame({ a, b }, { a: 1, b: 2 }, "the fields");
    },
  },
  {
    title: "keeps a field deleted that one request deleted while another one changed the rest",
    run: async (store) => {
      const id = freshId();
      await put(store, id, { cookie: cookie(), flash: "hello", count: 0 });
      const [one, two] = [await load(store, id), await load(store, id)];
      delete one["flash"];
      two["count"] = 1;
      await put(store, id, one);
      await put(store, id, two);
      const { flash, count } = (await read(store, id)) ?? {};
      expectSame({ flash, count }, { count: 1 }, "the fields");
    },
  },
  {
    title: "keeps what one request added while another one, which began before, stores twice",
    run: async (store) => {
      const id = freshId();
      await put(store, id, { cookie: cookie() });
      const [one, two] = [await load(store, id), await load(store, id)];
      two["cart"] = [1];
      await put(store, id, two);
      one["first"] = 1;
      await put(store, id, one);
      one["second"] = 2;
      await put(store, id, one);
      const { cart, first, second } = (await read(store, id)) ?? {};
      expectSame({ cart, first, second }, { cart: [1], first: 1, second: 2 }, "the fields");
    },
  },
  {
    title: "changes by a touch when the session ends, and no field that another request has changed meanwhile",
    run: async (store) => {
      const id = freshId();
      await put(store, id, { cookie: cookie(), count: 0 });
      const [reader, writer] = [await load(store, id), await load(store, id)];
      writer["count"] = 1;
      await put(store, id, writer);
      await touch(store, id, reader);
      expectSame((await read(store, id))?.["count"], 1, "the field");
    },
  },
  {
    title: "has nothing of a session whose cookie has ended when it is stored",
    run: async (store) => {
      const id = freshId();
      await put(store, id, { cookie: cookie(-1000) });
      expectSame(await read(store, id), undefined, "the session");
    },
  },
  ...[null, false].map((expires) => ({
    title: `keeps a session whose cookie ends with the browser, said as \`expires: ${String(expires)}\``,
    run: async (store: ConformingStore) => {
      const id = freshId();
      const ending = { originalMaxAge: null, expires, httpOnly: true, path: "/" };
      await put(store, id, { cookie: ending, user: "ada" });
      expectSame((await read(store, id))?.["user"], "ada", "the field");
    },
  })),
  {
    title: "stores one that was loaded, and stored, and stored again",
    run: async (store) => {
      const id = freshId();
      await put(store, id, { cookie: cookie(), count: 0 });
      const session = await load(store, id);
      for (const count of [1, 2, 3]) {
        session["count"] = count;
        await put(store, id, session);
      }
      expectSame((await read(store, id))?.["count"], 3, "the field");
    },
  },
  {
    title: "counts, lists and clears all sessions",
    run: async (store) => {
      if (!store.clear || !store.length || !store.all)
        throw new Error("the store has not all of clear, length and all");
      const clear = () => called((done) => store.clear?.(done));
      const length = () => called<number>((done) => store.length?.(done));
      await clear();
      const ids = [freshId(), freshId(), freshId()];
      for (const [index, id] of ids.entries()) await put(store, id, { cookie: cookie(), index });
      await destroy(store, ids[0] ?? "");
      expectSame(await length(), 2, "the length");
      const all: Fields[] = Object.values({ ...(await called<object | null>((done) => store.all?.(done))) });
      expectSame(new Set(all.map((session) => session["index"])).size, 2, "how many different sessions are listed");
      await clear();
      expectSame(await length(), 0, "the length");
      expectSame(await read(store, ids[1] ?? ""), undefined, "the session");
    },
  },
];
