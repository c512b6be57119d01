import { inspect } from "node:util";

import { describe, expect, it } from "vitest";

import { HttpEndpoint } from "../../../src/kv/http-endpoint.ts";
import type { KvError, Tracer } from "../../../src/kv/index.ts";
import { RestBudget } from "../../../src/kv/rest-budget.ts";
import { PLAIN_CALL } from "../../../src/kv/transport.ts";
import { realWorld, type World } from "../../../src/kv/world.ts";

const GATEWAY_TOKEN = "kvs_dev-application-a1_marked-as-no-secret";

type Answer = Response | Error | (() => Response);

/** An endpoint whose network gives `answers` one after the other, the last one for ever; and what it saw. */
function endpoint(answers: readonly Answer[], more: { apiToken?: string; repeats?: number; tracer?: Tracer } = {}) {
  let now = 0;
  const seen: { readonly at: number; readonly headers: Headers; readonly url: string }[] = [];
  const world: World = {
    ...realWorld,
    now: () => now,
    elapsed: () => now,
    random: () => 1,
    sleep: (milliseconds) => {
      now += milliseconds;
      return Promise.resolve();
    },
    fetch: (url, init) => {
      seen.push({ at: now, headers: new Headers(init.headers), url });
      const answer = answers[Math.min(seen.length, answers.length) - 1];
      return answer instanceof Error
        ? Promise.reject(answer)
        : Promise.resolve(typeof answer === "function" ? answer() : (answer?.clone() ?? new Response()));
    },
  };
  const made = new HttpEndpoint({
    apiUrl: "https://gateway.test/client/v4",
    apiToken: GATEWAY_TOKEN,
    accountId: "account",
    client: "srv-1/one",
    world,
    deadlineMs: 10_000,
    repeats: 3,
    ...more,
  });
  const send = (signal?: AbortSignal) =>
    made.send({ operation: "get", method: "GET", path: "/x" }, [200], { ...PLAIN_CALL, signal }, (response) =>
      response.text(),
    );
  const failure = async (signal?: AbortSignal) =>
    send(signal).then(
      () => undefined,
      (error: unknown) => error as KvError,
    );
  return {
    made,
    seen,
    send,
    failure,
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

const status = (code: number, headers: Record<string, string> = {}) =>
  new Response("answer", { status: code, headers });
const nothing = () => Promise.resolve();
const LOST = new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNRESET" }) });

describe("a call to an endpoint", () => {
  it("carries the credential and says who asks", async () => {
    const { send, seen } = endpoint([status(200)]);
    expect(await send()).toBe("answer");
    expect(seen[0]?.headers.get("authorization")).toBe(`Bearer ${GATEWAY_TOKEN}`);
    expect(seen[0]?.headers.get("kvshift-client")).toBe("srv-1/one");
  });

  it("goes to the origin of a gateway where the path is not Cloudflare's", async () => {
    const { made, seen } = endpoint([status(200)]);
    await made.send({ operation: "get", method: "POST", path: "/kvshift/v1/x" }, [200], PLAIN_CALL, nothing);
    expect(seen[0]?.url).toBe("https://gateway.test/kvshift/v1/x");
  });

  it("is repeated after what may pass, with growing pauses", async () => {
    const { send, seen } = endpoint([status(503), LOST, status(500), status(200)]);
    await send();
    expect(seen.map(({ at }) => at)).toEqual([0, 50, 150, 350]);
  });

  it("is repeated where its answer breaks off in the middle", async () => {
    const broken = () =>
      new Response(
        new ReadableStream({
          start: (controller) => {
            controller.error(new TypeError("terminated"));
          },
        }),
      );
    const { send, seen } = endpoint([broken, () => status(200)]);
    expect(await send()).toBe("answer");
    expect(seen).toHaveLength(2);
  });

  it("waits as long as the endpoint says, and not at all where the deadline would be over by then", async () => {
    const patient = endpoint([status(429, { "retry-after": "2" }), status(200)]);
    await patient.send();
    expect(patient.seen.map(({ at }) => at)).toEqual([0, 2000]);
    const hopeless = endpoint([status(429, { "retry-after": "300" })]);
    expect(await hopeless.failure()).toMatchObject({ code: "RATE_LIMITED", retryable: true, status: 429 });
    expect(hopeless.seen).toHaveLength(1);
  });

  it.each([
    [status(401), "UNAUTHORIZED"],
    [status(403), "UNAUTHORIZED"],
    [status(400), "REFUSED"],
    [status(413), "REFUSED"],
  ] as const)("is not repeated after %s", async (answer, code) => {
    const { failure, seen } = endpoint([answer]);
    expect(await failure()).toMatchObject({ code, retryable: false });
    expect(seen).toHaveLength(1);
  });

  it("fails with the last error once the repeats are used up", async () => {
    const { failure, seen } = endpoint([LOST], { repeats: 2 });
    const error = await failure();
    expect(error).toMatchObject({ code: "UNAVAILABLE", message: "KV could not be reached (ECONNRESET)." });
    expect(seen).toHaveLength(3);
  });

  it("shows neither credential nor answer in an error", async () => {
    for (const answers of [[status(401)], [status(500)], [LOST]]) {
      const text = inspect(await endpoint(answers).failure(), { depth: 9, showHidden: true });
      expect(text).not.toContain("marked-as-no-secret");
      expect(text).not.toContain("answer");
    }
  });

  it("ends where the caller's signal does, before and during the call", async () => {
    const before = endpoint([status(200)]);
    expect(await before.failure(AbortSignal.abort("enough"))).toMatchObject({ code: "ABORTED" });
    expect(before.seen).toHaveLength(0);
  });

  it("says that it may have been done where the attempt after a lost answer is not made at all", async () => {
    const { failure } = endpoint([LOST]);
    await failure();
    await failure();
    // Its second attempt is the tenth failure in a row: a third is not made.
    expect(await failure()).toMatchObject({ code: "CIRCUIT_OPEN", isOutcomeUnknown: true });
    expect(await failure()).toMatchObject({ code: "CIRCUIT_OPEN", isOutcomeUnknown: false });
  });

  it("has a deadline that is over for all requests of a call, and is not made after it", async () => {
    const { made, seen } = endpoint([status(200)]);
    const ask = (until: number) =>
      made.send({ operation: "get", method: "GET", path: "/x" }, [200], { ...PLAIN_CALL, until }, nothing);
    await ask(1);
    await expect(ask(0)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED", isOutcomeUnknown: false });
    expect(seen).toHaveLength(1);
  });

  it("ends at its deadline where the endpoint never answers", async () => {
    const hanging: World = {
      ...realWorld,
      fetch: (_url, { signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => {
            reject(new Error("aborted"));
          });
        }),
    };
    const options = {
      apiUrl: "https://x.test",
      apiToken: GATEWAY_TOKEN,
      accountId: "account",
      client: undefined,
      deadlineMs: 20,
      repeats: 3,
    };
    const call = new HttpEndpoint({ ...options, world: hanging }).send(
      { operation: "get", method: "GET", path: "/x" },
      [200],
      PLAIN_CALL,
      nothing,
    );
    await expect(call).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED", retryable: true });
  });
});

describe("the circuit of an endpoint", () => {
  it("opens after ten failures in a row, lets one call in two seconds try, and closes when that succeeds", async () => {
    const failing = Array.from({ length: 10 }, () => status(503));
    const { failure, seen, wait } = endpoint([...failing, status(503), status(200)], { repeats: 0 });
    for (let call = 0; call < 10; call += 1) expect(await failure()).toMatchObject({ code: "UNAVAILABLE" });
    expect(await failure()).toMatchObject({ code: "CIRCUIT_OPEN", retryable: true });
    expect(seen).toHaveLength(10);
    wait(2000);
    const [tried, left] = await Promise.all([failure(), failure()]);
    expect([tried?.code, left?.code]).toEqual(["UNAVAILABLE", "CIRCUIT_OPEN"]);
    wait(2000);
    expect(await failure()).toBeUndefined();
    expect(await failure()).toBeUndefined();
    expect(seen).toHaveLength(13);
  });

  it("is no matter of answers that refuse the caller", async () => {
    const { failure, seen } = endpoint([status(400)]);
    for (let call = 0; call < 30; call += 1) await failure();
    expect(seen).toHaveLength(30);
  });
});

describe("the budget of Cloudflare's own API", () => {
  it("keeps a process from more than 1,080 calls in five minutes, and refuses instead of being blocked", async () => {
    const { failure, seen, wait } = endpoint([status(200)], { apiToken: "an-api-token" });
    for (let call = 0; call < 1080; call += 1) {
      expect(await failure()).toBeUndefined();
      wait(1);
    }
    expect(await failure()).toMatchObject({ code: "BUDGET_EXHAUSTED" });
    expect(seen).toHaveLength(1080);
    wait(300_000 - 1080);
    expect(await failure()).toBeUndefined();
    expect(await failure()).toMatchObject({ code: "BUDGET_EXHAUSTED" });
  });

  it("is one for the whole process and account, however many clients there are", () => {
    const budget = RestBudget.of("account of this test", realWorld);
    expect(RestBudget.of("account of this test", { ...realWorld })).toBe(budget);
    expect(RestBudget.of("another account of this test", realWorld)).not.toBe(budget);
    for (let call = 0; call < 1080; call += 1) budget.spend();
    expect(() => {
      RestBudget.of("account of this test", realWorld).spend();
    }).toThrow("1080 calls");
  });

  it("is none of a gateway's", async () => {
    const { failure } = endpoint([status(200)]);
    for (let call = 0; call < 1300; call += 1) expect(await failure()).toBeUndefined();
  });
});

describe("the trace of a call", () => {
  it("has a span for it, with its repeats and its error, and without the path, which holds the key", async () => {
    const spans: { name: string; attributes: Record<string, unknown>; status?: unknown; isEnded: boolean }[] = [];
    const tracer: Tracer = {
      startActiveSpan: (name, { attributes }, work) => {
        const span = { name, attributes: { ...attributes }, isEnded: false, status: undefined as unknown };
        spans.push(span);
        return work({
          setAttribute: (key, value) => (span.attributes[key] = value),
          setStatus: (status) => (span.status = status),
          end: () => {
            span.isEnded = true;
          },
        });
      },
    };
    await endpoint([status(503), status(200)], { tracer }).send();
    await endpoint([status(401)], { tracer }).failure();
    const common = { "db.system.name": "cloudflare.kv", "db.operation.name": "get", "server.address": "gateway.test" };
    expect(spans).toEqual([
      {
        name: "kv get",
        attributes: { ...common, "http.request.resend_count": 1 },
        isEnded: true,
        status: undefined,
      },
      {
        name: "kv get",
        attributes: { ...common, "error.type": "UNAUTHORIZED" },
        isEnded: true,
        status: { code: 2, message: "UNAUTHORIZED" },
      },
    ]);
  });
});
