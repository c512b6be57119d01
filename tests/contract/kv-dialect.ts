import { beforeAll, afterAll, describe, expect, it } from "vitest";

/** One implementation of Cloudflare's KV REST dialect, with a namespace that tests may write to. */
export interface KvDialect extends AsyncDisposable {
  /** Answers a request; the host of its URL does not matter. */
  fetch(this: void, request: Request): Promise<Response>;
  /** Up to and with `/client/v4`. */
  readonly baseUrl: string;
  readonly token: string;
  readonly accountId: string;
  readonly namespace: { readonly id: string; readonly title: string };
  readonly minTtlSeconds: number;
  /** Whether the answer to a read tells when the pair ends. The binding of Workers KV does not know. */
  readonly tellsExpiration: boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves the clock; absent where it is the machine's own. */
  readonly advance?: (milliseconds: number) => void;
  /** Lets what was written become visible everywhere, where that takes time; less than half an hour. */
  readonly settle?: () => void;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly code: number | undefined;
  readonly result: unknown;
  readonly info: { readonly count?: number; readonly cursor?: string } | undefined;
}

const MEBIBYTE = 1024 * 1024;
const HOUR = 3600;
const OK = { status: 200, code: undefined };
const INVALID = { status: 400, code: 10001 };
const TOO_LARGE = { status: 413, code: 10001 };
const KEY_NOT_FOUND = { status: 404, code: 10009 };

/** The suite that every implementation has to hold, each of `name`. */
export function describeKvDialect(name: string, open: () => Promise<KvDialect>): void {
  describe(`the KV dialect of ${name}`, () => {
    let dialect: KvDialect;
    let group = 0;

    beforeAll(async () => {
      dialect = await open();
    });
    afterAll(() => dialect[Symbol.asyncDispose]());

    /** Keys of one test: no test sees those of another. */
    const ownKey = () => {
      group += 1;
      return (rest: string) => `${String(group).padStart(3, "0")}/${rest}`;
    };
    const settle = () => dialect.settle?.();

    async function send(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
      const headers = new Headers(init.headers);
      if (!headers.has("authorization")) headers.set("authorization", `Bearer ${dialect.token}`);
      const response = await dialect.fetch(new Request(`${dialect.baseUrl}${path}`, { ...init, method, headers }));
      const bytes = new Uint8Array(await response.arrayBuffer());
      const text = new TextDecoder().decode(bytes);
      const isJson = response.headers.get("content-type") === "application/json";
      const json = isJson ? envelopeOf(text, response.status) : undefined;
      const { status, headers: received } = response;
      return {
        status,
        headers: received,
        bytes,
        text,
        ...(json ?? { code: undefined, result: undefined, info: undefined }),
      };
    }
    const call = (method: string, path: string, init?: RequestInit) =>
      send(method, `/accounts/${dialect.accountId}/storage/kv/namespaces/${dialect.namespace.id}${path}`, init);
    const value = (method: string, key: string, init?: RequestInit & { query?: string }) =>
      call(method, `/values/${encodeURIComponent(key)}${init?.query ?? ""}`, init);
    const metadata = (key: string) => call("GET", `/metadata/${encodeURIComponent(key)}`);
    const bulk = (body: unknown) => call("PUT", "/bulk", { body: JSON.stringify(body) });
    const list = (query: Record<string, string>) => call("GET", `/keys?${new URLSearchParams(query).toString()}`);

    describe("values", () => {
      it("come back byte for byte", async () => {
        const key = ownKey()("bytes");
        const bytes = Uint8Array.from({ length: 512 }, (_, index) => index);
        expect(outcome(await value("PUT", key, { body: bytes }))).toEqual(OK);
        const read = await value("GET", key);
        expect(read.bytes).toEqual(bytes);
        expect(read.headers.get("content-type")).toBe("application/octet-stream");
      });

      it("may be empty", async () => {
        const key = ownKey()("empty");
        expect(outcome(await value("PUT", key, { body: "" }))).toEqual(OK);
        const read = await value("GET", key);
        expect({ status: read.status, bytes: read.bytes.length }).toEqual({ status: 200, bytes: 0 });
      });

      it("are not found where there are none, and no longer once they are deleted", async () => {
        const key = ownKey()("gone");
        expect(outcome(await value("GET", key))).toEqual(KEY_NOT_FOUND);
        expect(outcome(await metadata(key))).toEqual(KEY_NOT_FOUND);
        expect(outcome(await value("DELETE", key))).toEqual(OK);
        settle();
        expect(outcome(await value("PUT", key, { body: "v" }))).toEqual(OK);
        settle();
        expect(outcome(await value("DELETE", key))).toEqual(OK);
        expect(outcome(await value("GET", key))).toEqual(KEY_NOT_FOUND);
      });

      it.each(["a/b", "a b", "a+b", "100 %", "a%2Fb", "ü€😀", "a?b#c", "session:1!", "\\", "\u0001"])(
        "are kept under the key %j, encoded in the path",
        async (rest) => {
          const key = ownKey()(rest);
          expect(outcome(await value("PUT", key, { body: rest }))).toEqual(OK);
          expect((await value("GET", key)).text).toBe(rest);
          settle();
          expect((await list({ prefix: key })).result).toEqual([{ name: key }]);
        },
      );

      it("take keys of 512 bytes and no more", async () => {
        const key = ownKey()("").padEnd(512, "k");
        expect(outcome(await value("PUT", key, { body: "v" }))).toEqual(OK);
        expect(outcome(await value("PUT", `${key}k`, { body: "v" }))).toEqual({ status: 414, code: 10001 });
        expect(outcome(await value("GET", `${key}k`))).toEqual({ status: 414, code: 10001 });
        expect(outcome(await value("PUT", "", { body: "v" }))).toEqual(INVALID);
        expect(outcome(await value("GET", ""))).toEqual(INVALID);
      });

      it("are refused above 25 MiB, and leave what was there", async () => {
        const key = ownKey()("large");
        await value("PUT", key, { body: "small" });
        settle();
        const body = new Uint8Array(25 * MEBIBYTE + 1);
        expect(outcome(await value("PUT", key, { body }))).toEqual(TOO_LARGE);
        expect(outcome(await value("PUT", key, { body: form({ value: new Blob([body]) }) }))).toEqual(TOO_LARGE);
        expect((await value("GET", key)).text).toBe("small");
      });
    });

    describe("metadata", () => {
      it("stands beside the value, as JSON", async () => {
        const key = ownKey()("both");
        const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
        const body = form({ value: new Blob([bytes]), metadata: '{"user":"ü","list":[1,null]}' });
        expect(outcome(await value("PUT", key, { body }))).toEqual(OK);
        expect((await metadata(key)).result).toEqual({ user: "ü", list: [1, null] });
        expect((await value("GET", key)).bytes).toEqual(bytes);
        settle();
        expect((await list({ prefix: key })).result).toEqual([{ name: key, metadata: { user: "ü", list: [1, null] } }]);
      });

      it("is null where there is none, and goes with the next write", async () => {
        const key = ownKey()("overwritten");
        await value("PUT", key, { body: form({ value: "1", metadata: '{"n":1}' }), query: `?expiration_ttl=${HOUR}` });
        settle();
        await value("PUT", key, { body: "2" });
        expect((await metadata(key)).result).toBeNull();
        settle();
        expect((await list({ prefix: key })).result).toEqual([{ name: key }]);
      });

      it("is refused where it is no JSON or above 1,024 bytes", async () => {
        const key = ownKey()("refused");
        const put = (text: string) => value("PUT", key, { body: form({ value: "v", metadata: text }) });
        expect(outcome(await put("{"))).toEqual(INVALID);
        expect(outcome(await put(JSON.stringify("m".repeat(1023))))).toEqual(TOO_LARGE);
        expect(outcome(await value("PUT", key, { body: form({ metadata: "{}" }) }))).toEqual(INVALID);
        expect(outcome(await value("GET", key))).toEqual(KEY_NOT_FOUND);
      });
    });

    describe("expiry", () => {
      it("is refused below the minimum and in the past", async () => {
        const key = ownKey()("early");
        const seconds = Math.floor(dialect.now() / 1000);
        const tooEarly = [
          `expiration_ttl=${dialect.minTtlSeconds - 1}`,
          "expiration_ttl=0",
          "expiration_ttl=-60",
          "expiration_ttl=1e3",
          "expiration_ttl=soon",
          `expiration=${seconds - 1}`,
          `expiration=${seconds + dialect.minTtlSeconds - 1}`,
        ];
        for (const query of tooEarly) {
          expect({ query, ...outcome(await value("PUT", key, { body: "v", query: `?${query}` })) }).toEqual({
            query,
            ...INVALID,
          });
        }
      });

      it("is told in lists, and a lifetime wins over a point in time", async () => {
        const key = ownKey()("told");
        const expiration = Math.floor(dialect.now() / 1000) + 2 * HOUR;
        await value("PUT", key, { body: "v", query: `?expiration=${expiration}` });
        const read = await value("GET", key);
        expect(read.headers.get("expiration")).toBe(dialect.tellsExpiration ? String(expiration) : null);
        settle();
        expect((await list({ prefix: key })).result).toEqual([{ name: key, expiration }]);
        const before = Math.floor(dialect.now() / 1000);
        await value("PUT", key, { body: "v", query: `?expiration=${expiration + 4 * HOUR}&expiration_ttl=${HOUR}` });
        settle();
        const [listed] = (await list({ prefix: key })).result as { expiration: number }[];
        expect(listed?.expiration).toBeGreaterThanOrEqual(before + HOUR);
        // At most one second more: it may count in milliseconds and round up.
        expect(listed?.expiration).toBeLessThanOrEqual(before + HOUR + 60);
      });

      it("ends a pair for reads and lists", async () => {
        if (dialect.advance === undefined) return; // By the machine's clock it would take a minute: others show it.
        const key = ownKey()("ends");
        await value("PUT", key, { body: "v", query: `?expiration_ttl=${HOUR}` });
        dialect.advance((HOUR - 1) * 1000);
        expect(outcome(await value("GET", key))).toEqual(OK);
        dialect.advance(1000);
        expect(outcome(await value("GET", key))).toEqual(KEY_NOT_FOUND);
        expect(outcome(await metadata(key))).toEqual(KEY_NOT_FOUND);
        expect((await list({ prefix: key })).result).toEqual([]);
      });
    });

    describe("lists of keys", () => {
      it("are in the order of UTF-8 bytes, in pages of a limit, with an empty cursor at the end", async () => {
        const key = ownKey();
        const names = ["B", "a", "ä", "\uE000", "😀", ...Array.from({ length: 20 }, (_, index) => `k${index}`)].map(
          key,
        );
        await bulk(names.map((name) => ({ key: name, value: "v" })));
        await bulk([{ key: key("").replace("/", "0"), value: "beside the prefix" }]);
        settle();
        const found: string[] = [];
        const counts: (number | undefined)[] = [];
        let cursor = "";
        do {
          const page = await list({ prefix: key(""), limit: "10", ...(cursor === "" ? {} : { cursor }) });
          found.push(...(page.result as { name: string }[]).map(({ name }) => name));
          counts.push(page.info?.count);
          cursor = page.info?.cursor ?? "";
        } while (cursor !== "");
        expect(found).toEqual(names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
        expect(counts.reduce((sum: number, count) => sum + (count ?? 0), 0)).toBe(names.length);
      });

      it.each(["9", "1001", "-1", "ten", "1e2", "99999999999999999999"])(
        "are refused with the limit %s",
        async (limit) => {
          expect(outcome(await list({ limit }))).toEqual(INVALID);
        },
      );

      it("are empty where no key has the prefix", async () => {
        const { result, info } = await list({ prefix: ownKey()("none") });
        expect({ result, info }).toEqual({ result: [], info: { count: 0, cursor: "" } });
      });
    });

    describe("bulk operations", () => {
      it("write, read and delete many pairs", async () => {
        const key = ownKey();
        const expiration = Math.floor(dialect.now() / 1000) + 2 * HOUR;
        const written = await bulk([
          { key: key("text"), value: "ü" },
          { key: key("bytes"), value: "AP8=", base64: true },
          { key: key("json"), value: '{"a":1}', metadata: { m: 1 }, expiration },
        ]);
        expect(written.result).toEqual({ successful_key_count: 3, unsuccessful_keys: [] });
        expect((await value("GET", key("bytes"))).bytes).toEqual(Uint8Array.of(0, 255));
        const get = (body: object) => call("POST", "/bulk/get", { body: JSON.stringify(body) });
        const keys = [key("text"), key("json"), key("none")];
        expect((await get({ keys })).result).toEqual({
          values: { [key("text")]: "ü", [key("json")]: '{"a":1}', [key("none")]: null },
        });
        expect((await get({ keys: [key("json")], type: "json" })).result).toEqual({
          values: { [key("json")]: { a: 1 } },
        });
        expect((await get({ keys, withMetadata: true })).result).toEqual({
          values: {
            [key("text")]: { value: "ü", metadata: null },
            [key("json")]: {
              value: '{"a":1}',
              metadata: { m: 1 },
              ...(dialect.tellsExpiration ? { expiration } : {}),
            },
            [key("none")]: null,
          },
        });
        settle();
        const deleted = await call("POST", "/bulk/delete", { body: JSON.stringify([key("text"), key("none")]) });
        expect(deleted.result).toEqual({ successful_key_count: 2, unsuccessful_keys: [] });
        // Deprecated by Cloudflare, still what Wrangler calls.
        expect(outcome(await call("DELETE", "/bulk", { body: JSON.stringify([key("json")]) }))).toEqual(OK);
        settle();
        expect((await list({ prefix: key("") })).result).toEqual([{ name: key("bytes") }]);
      });

      it("take nothing of a small request with one pair that breaks a rule", async () => {
        const key = ownKey();
        const good = { key: key("good"), value: "v" };
        const bad: unknown[] = [
          { key: "", value: "v" },
          { key: key("k"), value: "v", expiration_ttl: dialect.minTtlSeconds - 1 },
          { key: key("k"), value: "*", base64: true },
          { key: key("k"), value: 1 },
          { value: "v" },
          "text",
          null,
        ];
        for (const pair of bad) {
          expect({ pair, ...outcome(await bulk([good, pair])) }).toEqual({ pair, ...INVALID });
        }
        expect(outcome(await bulk([good, { key: "k".repeat(513), value: "v" }]))).toEqual({ status: 414, code: 10001 });
        expect(outcome(await value("GET", good.key))).toEqual(KEY_NOT_FOUND);
      });

      it("are refused above their limits and where the body is something else", async () => {
        const names = Array.from({ length: 10_001 }, (_, index) => String(index));
        expect(outcome(await bulk(names.map((key) => ({ key, value: "v" }))))).toEqual(INVALID);
        const remove = (body: string) => call("POST", "/bulk/delete", { body });
        expect(outcome(await remove(JSON.stringify(names)))).toEqual(INVALID);
        const get = (body: unknown) => call("POST", "/bulk/get", { body: JSON.stringify(body) });
        expect(outcome(await get({ keys: names.slice(0, 101) }))).toEqual(INVALID);
        expect(outcome(await get({ keys: ["k"], type: "bytes" }))).toEqual(INVALID);
        expect(outcome(await get([]))).toEqual(INVALID);
        for (const body of ["", "{}", "[", "[1", "[]]", "null", "[1,]", "[,]", "\u00ff"]) {
          expect({ body, ...outcome(await remove(body)) }).toEqual({ body, ...INVALID });
        }
      });

      it("may be empty", async () => {
        expect((await bulk([])).result).toEqual({ successful_key_count: 0, unsuccessful_keys: [] });
        const got = await call("POST", "/bulk/get", { body: JSON.stringify({ keys: [] }) });
        expect(got.result).toEqual({ values: {} });
      });

      it("read no value that is not text, and no JSON that is none", async () => {
        const key = ownKey();
        await bulk([
          { key: key("bytes"), value: "/w==", base64: true },
          { key: key("text"), value: "{" },
        ]);
        const get = (body: object) => call("POST", "/bulk/get", { body: JSON.stringify(body) });
        expect(outcome(await get({ keys: [key("text")], type: "json" }))).toEqual(INVALID);
        expect((await get({ keys: [key("text")] })).status).toBe(200);
      });
    });

    describe("namespaces and tokens", () => {
      it("shows the namespace alone and in the list", async () => {
        const { id, title } = dialect.namespace;
        const shown = { id, title, supports_url_encoding: true };
        expect((await call("GET", "")).result).toEqual(shown);
        const all = await send("GET", `/accounts/${dialect.accountId}/storage/kv/namespaces?per_page=100`);
        expect(all.result).toContainEqual(shown);
      });

      it("finds no namespace that does not exist", async () => {
        const path = `/accounts/${dialect.accountId}/storage/kv/namespaces/${"0".repeat(32)}`;
        const nothing = { status: 404, code: 10013 };
        expect(outcome(await send("GET", path))).toEqual(nothing);
        expect(outcome(await send("GET", `${path}/values/k`))).toEqual(nothing);
        expect(outcome(await send("PUT", `${path}/values/k`, { body: "v" }))).toEqual(nothing);
        expect(outcome(await send("GET", `${path}/keys`))).toEqual(nothing);
        expect(outcome(await send("PUT", `${path}/bulk`, { body: "[]" }))).toEqual(nothing);
      });

      it("verifies the token that is used", async () => {
        const { status, result } = await send("GET", `/accounts/${dialect.accountId}/tokens/verify`);
        expect({ status, result }).toMatchObject({ status: 200, result: { status: "active" } });
      });

      it("refuses a token that it does not know", async () => {
        const headers = { authorization: `Bearer ${"y".repeat(40)}` };
        expect(outcome(await call("GET", "/values/k", { headers }))).toEqual({ status: 401, code: 10000 });
      });
    });
  });
}

function form(parts: Readonly<Record<string, string | Blob>>): FormData {
  const body = new FormData();
  for (const [name, part] of Object.entries(parts)) body.set(name, part);
  return body;
}

function outcome({ status, code }: Answer): { status: number; code: number | undefined } {
  return { status, code };
}

/** Every answer that is JSON has to be the whole envelope. */
function envelopeOf(text: string, status: number): Pick<Answer, "code" | "result" | "info"> {
  const envelope = JSON.parse(text) as {
    errors: { code: number; message: string }[];
    result: unknown;
    result_info?: Answer["info"];
  };
  const isSuccess = status === 200;
  expect(envelope).toMatchObject({
    success: isSuccess,
    messages: expect.any(Array),
    errors: isSuccess ? [] : [{ code: expect.any(Number), message: expect.any(String) }],
  });
  if (!isSuccess) expect(envelope.result).toBeNull();
  return { code: envelope.errors[0]?.code, result: envelope.result, info: envelope.result_info };
}
