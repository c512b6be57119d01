import { describe, expect, it, vi } from "vitest";

import { AppError } from "../../../src/core/app-error.ts";
import { Secret } from "../../../src/core/secret.ts";
import { isSendable, type Method } from "../../../src/vendors/vendor-api.ts";
import { BASE, json, KEY, networkError, scriptedApi } from "./scripted-api.ts";

const ok = () => json({ done: true });
const limited = (retryAfter?: string) => json({}, 429, retryAfter === undefined ? {} : { "Retry-After": retryAfter });

describe("a request", () => {
  it("goes to the path below the base, with the key in one header and nowhere else", async () => {
    const { send, sent } = scriptedApi([ok()]);
    await send("POST", "/things?limit=1", { name: "a" });
    expect(sent).toHaveLength(1);
    const [{ url, init } = { url: "", init: {} }] = sent;
    expect(url).toBe(`${BASE}/things?limit=1`);
    expect(init).toMatchObject({
      method: "POST",
      headers: { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json" },
      body: '{"name":"a"}',
    });
    const { Authorization: _key, ...otherHeaders } = init.headers as Record<string, string>;
    expect(JSON.stringify([url, otherHeaders, init.body])).not.toContain(KEY);
  });

  it("carries neither body nor content type where there is nothing to say", async () => {
    const { send, sent } = scriptedApi([ok()]);
    await send("GET", "/things");
    expect(sent[0]?.init.body).toBeUndefined();
    expect(Object.keys(sent[0]?.init.headers ?? {})).not.toContain("Content-Type");
  });

  it("follows no redirect", async () => {
    const { send, sent } = scriptedApi([ok()]);
    await send("GET", "/things");
    expect(sent[0]?.init.redirect).toBe("error");
  });

  it("takes a base with a trailing slash", async () => {
    const { send, sent } = scriptedApi([ok()], { base: `${BASE}/` });
    await send("GET", "/things");
    expect(sent[0]?.url).toBe(`${BASE}/things`);
  });
});

describe("an answer", () => {
  it("is status, parsed JSON and a line for people without the query", async () => {
    const { send } = scriptedApi([json({ done: true }, 201)]);
    expect(await send("POST", "/things?name=private")).toEqual({
      status: 201,
      json: { done: true },
      summary: "POST /things: answered 201",
    });
  });

  it.each([
    ["empty", new Response(null, { status: 204 }), 204],
    ["no JSON", new Response("<html>", { status: 502 }), 502],
  ])("holds no JSON where the body is %s", async (_what, response, status) => {
    const { send } = scriptedApi([response], { repeats: 0 });
    expect(await send("GET", "/things")).toMatchObject({ status, json: undefined });
  });

  it("that never comes is named by the code of the network error: its message may hold the request", async () => {
    const { send } = scriptedApi([networkError("ENOTFOUND")], { repeats: 0 });
    const answer = await send("GET", "/things");
    expect(answer).toEqual({
      status: undefined,
      json: undefined,
      summary: "GET /things: no answer (ENOTFOUND)",
    });
  });

  it("shows no key where the key itself cannot be sent", async () => {
    const { send } = scriptedApi([(init) => Promise.resolve(new Response(null, { headers: init.headers ?? {} }))], {
      key: new Secret(`${KEY}\n${KEY}`),
      repeats: 0,
    });
    const answer = await send("GET", "/things");
    expect(answer.summary).toBe("GET /things: no answer (TypeError)");
    expect(JSON.stringify(answer)).not.toContain(KEY);
  });

  it("is waited for no longer than 30 s", async () => {
    const late = AbortSignal.abort(new DOMException("late", "TimeoutError"));
    const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(late);
    const { send } = scriptedApi([({ signal }) => Promise.reject(signal?.reason as Error)], { repeats: 0 });
    expect((await send("GET", "/things")).summary).toBe("GET /things: no answer (TimeoutError)");
    expect(timeout).toHaveBeenCalledWith(30_000);
  });

  it("is not read where it says that it is larger than 32 MiB", async () => {
    let isCancelled = false;
    const body = new ReadableStream({
      cancel: () => {
        isCancelled = true;
      },
    });
    const response = new Response(body, { headers: { "Content-Length": String(32 * 1024 * 1024 + 1) } });
    const { send } = scriptedApi([() => Promise.resolve(response)], { repeats: 0 });
    expect((await send("GET", "/things")).summary).toBe("GET /things: no answer (ANSWER_TOO_LARGE)");
    expect(isCancelled).toBe(true);
  });

  it("is read no further than 32 MiB where it does not say how large it is", async () => {
    const chunk = new Uint8Array(1024 * 1024);
    let chunks = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        chunks += 1;
        controller.enqueue(chunk);
      },
    });
    const { send } = scriptedApi([() => Promise.resolve(new Response(endless))], { repeats: 0 });
    expect((await send("GET", "/things")).summary).toBe("GET /things: no answer (ANSWER_TOO_LARGE)");
    expect(chunks).toBeGreaterThan(32);
    expect(chunks).toBeLessThan(40);
  });
});

describe("429", () => {
  it.each<Method>(["GET", "POST", "PUT", "PATCH", "DELETE"])("lets %s wait as long as it says", async (method) => {
    const { send, sent, pauses, told } = scriptedApi([limited("7"), limited("0"), ok()]);
    expect((await send(method, "/things")).status).toBe(200);
    expect({ calls: sent.length, pauses, told }).toEqual({ calls: 3, pauses: [7000, 0], told: [7, 0] });
  });

  it("is waited out up to 330 s: Cloudflare blocks for five minutes", async () => {
    const { send, pauses } = scriptedApi([limited("330"), ok()]);
    expect((await send("GET", "/things")).status).toBe(200);
    expect(pauses).toEqual([330_000]);
  });

  it("is the answer at once where the vendor asks for longer", async () => {
    const { send, sent, pauses } = scriptedApi([limited("331"), ok()]);
    expect((await send("GET", "/things")).status).toBe(429);
    expect({ calls: sent.length, pauses }).toEqual({ calls: 1, pauses: [] });
  });

  it.each([[undefined], [""], ["Wed, 01 Dec 2027 00:00:00 GMT"], ["-1"], ["1.5"]])(
    "backs off by itself where Retry-After is %s",
    async (retryAfter) => {
      const { send, pauses } = scriptedApi([limited(retryAfter), ok()]);
      expect((await send("GET", "/things")).status).toBe(200);
      expect(pauses).toEqual([500]);
    },
  );

  it.each([
    ["waits until the window ends where only that is said", { "Ratelimit-Reset": "12" }, 12_000],
    ["waits as Retry-After says where both are said", { "Ratelimit-Reset": "12", "Retry-After": "3" }, 3000],
    ["takes no point in time for a number of seconds", { "Ratelimit-Reset": "1796083200" }, 500],
  ])("%s", async (_what, headers, pause) => {
    const { send, pauses } = scriptedApi([json({}, 429, headers), ok()]);
    expect((await send("GET", "/things")).status).toBe(200);
    expect(pauses).toEqual([pause]);
  });

  it("is the answer after three repeats", async () => {
    const { send, sent, pauses } = scriptedApi([limited("1")]);
    expect((await send("GET", "/things")).status).toBe(429);
    expect({ calls: sent.length, pauses }).toEqual({ calls: 4, pauses: [1000, 1000, 1000] });
  });
});

describe("a failure of the vendor or the network", () => {
  const failures = [
    ["500", json({}, 500)],
    ["503 with Retry-After", json({}, 503, { "Retry-After": "60" })],
    ["no answer", networkError()],
  ] as const;

  it.each(
    failures.flatMap(([what, failure]) =>
      (["GET", "DELETE"] as const).map((method) => [what, method, failure] as const),
    ),
  )("(%s) is repeated for %s, with growing pauses that nobody is told of", async (_what, method, failure) => {
    const { send, sent, pauses, told } = scriptedApi([failure, failure, failure, ok()]);
    expect((await send(method, "/things")).status).toBe(200);
    expect({ calls: sent.length, pauses, told }).toEqual({ calls: 4, pauses: [500, 2000, 5000], told: [] });
  });

  it.each(
    failures.flatMap(([what, failure]) =>
      (["POST", "PUT", "PATCH"] as const).map((method) => [what, method, failure] as const),
    ),
  )("(%s) is never repeated for %s: what it did is not known", async (_what, method, failure) => {
    const { send, sent, pauses } = scriptedApi([failure, ok()]);
    expect((await send(method, "/things")).status).not.toBe(200);
    expect({ calls: sent.length, pauses }).toEqual({ calls: 1, pauses: [] });
  });

  it("is the answer after three repeats", async () => {
    const { send, sent } = scriptedApi([json({}, 500)]);
    expect((await send("GET", "/things")).status).toBe(500);
    expect(sent).toHaveLength(4);
  });

  it("is the answer at once where no repeats are wanted", async () => {
    const { send, sent } = scriptedApi([json({}, 500), ok()], { repeats: 0 });
    expect((await send("GET", "/things")).status).toBe(500);
    expect(sent).toHaveLength(1);
  });

  it.each([400, 401, 403, 404, 409])("is not what %s is: that is an answer", async (status) => {
    const { send, sent } = scriptedApi([json({}, status), ok()]);
    expect((await send("GET", "/things")).status).toBe(status);
    expect(sent).toHaveLength(1);
  });
});

describe("an interrupt", () => {
  const interrupted = { code: "CLOSED_BY_SIGNAL", exitCode: 5 };

  it("ends the call under way, which is not repeated", async () => {
    const { send, sent, interrupt } = scriptedApi([
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => {
            reject(signal.reason as Error);
          });
          interrupt.abort();
        }),
    ]);
    await expect(send("GET", "/things")).rejects.toMatchObject({
      ...interrupted,
      details: ["GET /things: no answer (AbortError)"],
    });
    expect(sent).toHaveLength(1);
  });

  it("ends a pause, and is no bug", async () => {
    const { send, sent, interrupt } = scriptedApi([limited("300")], {
      sleep: (_milliseconds, signal) => {
        interrupt.abort();
        return Promise.reject(signal.reason as Error);
      },
    });
    await expect(send("GET", "/things")).rejects.toMatchObject(interrupted);
    expect(sent).toHaveLength(1);
  });

  it("takes no answer away that has come", async () => {
    const { send, sent, interrupt } = scriptedApi([
      () => {
        interrupt.abort();
        return Promise.resolve(json({}, 500));
      },
    ]);
    expect((await send("GET", "/things")).status).toBe(500);
    expect(sent).toHaveLength(1);
  });

  it("hides no failure of the clock", async () => {
    const { send } = scriptedApi([limited("1")], { sleep: () => Promise.reject(new RangeError("broken")) });
    await expect(send("GET", "/things")).rejects.not.toBeInstanceOf(AppError);
  });
});

describe("isSendable", () => {
  it.each([
    ["x".repeat(40), true],
    ["", false],
    ["two words", false],
    ["a line\n", false],
    ["schlüssel", false],
  ])("says of %j: %s", (key, expected) => {
    expect(isSendable(key)).toBe(expected);
  });
});
