import { describe, expect, it } from "vitest";

import type { LogLine } from "../../../src/gateway/log.ts";
import type { KvBinding } from "../../../src/core/kv-binding.ts";
import { EVENTUAL, GATEWAY_CONFIG, STRONG } from "../../../testbed/gateway-fixture.ts";
import { callerOf, createMemoryGateway } from "../../support/gateway-in-memory.ts";
import { ManualClock, START } from "../local-cloud/cloudflare/emulated-cloudflare.ts";
import { BASE, openGateway, READER } from "./recording-gateway.ts";

const SECRETIVE = "key-or-value-of-a-caller";

/** Throws `error` out of the store; what the gateway logs of it. */
async function logOf(error: unknown): Promise<LogLine | undefined> {
  const get = async (): Promise<undefined> => {
    throw error;
  };
  const { send, log } = openGateway({ get });
  expect(await send("GET", `${BASE}/${STRONG.id}/values/k`)).toEqual({ status: 500, code: 10002, result: null });
  return log[0];
}

describe("the log of the gateway", () => {
  it("is silent on what succeeds and on keys that are not there", async () => {
    const { send, log } = openGateway();
    await send("PUT", `${BASE}/${STRONG.id}/values/k`, { body: "v" });
    expect(await send("GET", `${BASE}/${STRONG.id}/values/k`)).toMatchObject({ code: 10009 });
    expect(log).toEqual([]);
  });

  it.each<[string, string, string, Partial<LogLine>]>([
    [
      "GET",
      `${BASE}/${STRONG.id}/keys?limit=1`,
      "dev-application-a1",
      { status: 400, code: 10001, operation: "keys", namespace: "sessions" },
    ],
    [
      "PUT",
      `${BASE}/${STRONG.id}/values/${SECRETIVE}?expiration_ttl=0`,
      "dev-application-a1",
      { status: 400, code: 10001, operation: "value", namespace: "sessions" },
    ],
    // Of a namespace that the caller may not know of the log has no name: it would be a trace of guesses.
    ["GET", `${BASE}/${EVENTUAL.id}/values/${SECRETIVE}`, READER.id, { status: 404, code: 10013, operation: "value" }],
    ["GET", `/${SECRETIVE}`, "dev-application-a1", { status: 404, code: 7003, operation: "unknown" }],
  ])("has of a refused %s %s where it happened and who asked", async (method, path, credential, line) => {
    const { send, log } = openGateway();
    await send(method, path, method === "PUT" ? { credential, body: SECRETIVE } : { credential });
    expect(log).toEqual([{ event: "refused", credential, ...line }]);
    expect(JSON.stringify(log)).not.toContain(SECRETIVE);
  });

  it("has why a credential was refused, and not which", async () => {
    const { send, log } = openGateway();
    await send("GET", `${BASE}/${STRONG.id}/keys`, { credential: "dev-application-b9" });
    await send("GET", `${BASE}/${STRONG.id}/keys`, { credential: "" });
    const refused = { event: "refused", status: 401, code: 10000, operation: "keys" };
    expect(log).toEqual([
      { ...refused, reason: "unknown" },
      { ...refused, reason: "missing" },
    ]);
  });

  it("has of a failure inside where it was in the code", async () => {
    const line = await logOf(new TypeError("no such thing"));
    expect(line).toEqual({
      event: "failed",
      status: 500,
      code: 10002,
      operation: "value",
      namespace: "sessions",
      credential: "dev-application-a1",
      at: expect.stringMatching(/^at \S.*gateway-log\.test\.ts:\d+:\d+\)?( at .*)*$/),
    });
  });

  it("has where a call to storage failed that is answered with 503, and nothing of what it said", async () => {
    const failing = () => Promise.reject(new Error(SECRETIVE));
    const kv = { getWithMetadata: failing, put: failing } as unknown as KvBinding;
    const clock = new ManualClock(START);
    const gateway = createMemoryGateway({ config: GATEWAY_CONFIG, clock, kvOf: () => kv });
    const [send, path] = [callerOf(gateway), `${BASE}/${EVENTUAL.id}`];
    expect((await send("GET", `${path}/values/k`)).status).toBe(503);
    expect((await send("PUT", `${path}/bulk`, JSON.stringify([{ key: "k", value: "v" }]))).status).toBe(503);
    const at = expect.stringMatching(/^at .*gateway-log\.test\.ts:\d+/);
    const line = {
      event: "failed",
      status: 503,
      code: 10002,
      namespace: "cache",
      credential: "dev-application-a1",
      at,
    };
    expect(gateway.log).toEqual([
      { ...line, operation: "value" },
      { ...line, operation: "bulk" },
    ]);
    expect(JSON.stringify(gateway.log)).not.toContain(SECRETIVE);
  });

  it("has at most four frames of it", async () => {
    const error = new Error("deep");
    error.stack = `Error: deep\n${Array.from({ length: 9 }, (_, index) => `    at frame${index} (file.ts:1:1)`).join("\n")}`;
    expect((await logOf(error))?.at).toBe(
      "at frame0 (file.ts:1:1) at frame1 (file.ts:1:1) at frame2 (file.ts:1:1) at frame3 (file.ts:1:1)",
    );
  });

  it.each([
    ["the message", new Error(SECRETIVE)],
    ["lines of the message that look like frames", new Error(`no\n    at ${SECRETIVE} (x.ts:1:1)\n    at y`)],
    ["a message that begins like the name", new Error(`Error: E\n    at ${SECRETIVE}`)],
    ["a cause", new Error("outer", { cause: new Error(SECRETIVE) })],
    ["what is no error", SECRETIVE],
    ["what is no error, with a stack", { message: "m", stack: `Error: m\n    at ${SECRETIVE} (x.ts:1:1)` }],
  ])("has nothing of %s", async (_, error) => {
    const line = await logOf(error);
    expect(line?.event).toBe("failed");
    expect(JSON.stringify(line)).not.toContain(SECRETIVE);
  });

  it("has nothing of a message that was changed once its stack was made", async () => {
    const error = new Error(`no\n    at ${SECRETIVE} (x.ts:1:1)`);
    expect(error.stack).toContain(SECRETIVE);
    error.message = "other";
    expect((await logOf(error))?.at).toBe("");
  });
});
