import { describe, expect, it } from "vitest";

import type { Command } from "../../../../local-cloud/upstash/command.ts";
import { createUpstashEmulator } from "../../../../local-cloud/upstash/emulator.ts";
import type { Outcome } from "../../../../local-cloud/upstash/reply.ts";
import { countingRandom } from "../cloudflare/emulated-cloudflare.ts";

/** An emulator whose Redis answers every command with 1, and tells what it was asked. */
function emulate(options: { readonly maxRequestBytes?: number; readonly isLost?: boolean } = {}) {
  const ran: string[][] = [];
  const run = async (commands: readonly Command[]): Promise<readonly Outcome[]> => {
    if (options.isLost === true) throw new Error("Socket closed unexpectedly");
    ran.push(commands.map((command) => command.join(" ")));
    return commands.map(() => ({ reply: "1" }));
  };
  const emulator = createUpstashEmulator({
    redis: { pipeline: run, transaction: run },
    random: countingRandom(),
    sleep: () => Promise.resolve(),
    ...(options.maxRequestBytes === undefined ? {} : { maxRequestBytes: options.maxRequestBytes }),
  });
  const ask = (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${emulator.token.reveal()}`, ...(init.headers as object) };
    return emulator.fetch(new Request(`http://127.0.0.1${path}`, { ...init, headers }));
  };
  const post = (path: string, body: unknown) => ask(path, { method: "POST", body: JSON.stringify(body) });
  return { emulator, ran, ask, post };
}

describe("the emulated REST API of Upstash", () => {
  it("counts its answers in the token of synchronisation, which clients send back", async () => {
    const { ask } = emulate();
    const tokens = [await ask("/get/a"), await ask("/get/b")].map(({ headers }) => headers.get("upstash-sync-token"));
    expect(tokens).toEqual(["1", "2"]);
  });

  it.each([
    ["no header", {}],
    ["another token", { authorization: "Bearer other" }],
    ["another scheme", { authorization: "Basic other" }],
    ["an empty token", { authorization: "Bearer " }],
  ])("runs nothing with %s", async (_, headers) => {
    const { emulator, ran } = emulate();
    const response = await emulator.fetch(new Request("http://127.0.0.1/get/k", { headers }));
    expect([response.status, await response.json(), ran]).toEqual([
      401,
      { error: "WRONGPASS invalid or missing auth token" },
      [],
    ]);
  });

  it("sends to Redis what may run, together and in order, and refuses the rest in its place", async () => {
    const { post, ran } = emulate();
    const response = await post("/pipeline", [["GET", "a"], ["MONITOR"], ["GET", "b"]]);
    expect(await response.json()).toEqual([
      { result: 1 },
      { error: 'ERR Command "MONITOR" is not allowed in REST or it has a special context path' },
      { result: 1 },
    ]);
    expect(ran).toEqual([["GET a", "GET b"]]);
  });

  it("refuses a body above its limit before it is read", async () => {
    const { post, ran } = emulate({ maxRequestBytes: 20 });
    expect((await post("/", ["SET", "k", "123"])).status).toBe(200);
    const response = await post("/", ["SET", "k", "1234567"]);
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: "ERR max request size exceeded. Limit: 20 bytes, Actual: 21 bytes" },
    ]);
    expect(ran).toHaveLength(1);
  });

  it("says of a format that it does not have that it is not there", async () => {
    const { ask, ran } = emulate();
    const response = await ask("/get/k", { headers: { "upstash-response-format": "resp2" } });
    expect([response.status, ran]).toEqual([400, []]);
  });

  it("keeps a log without bodies", async () => {
    const { emulator, post } = emulate();
    await post("/", ["SET", "k", "private"]);
    await post("/", ["MONITOR"]);
    const entry = { vendor: "upstash", method: "POST", path: "/", request: null, response: null };
    expect(emulator.requestLog.entries).toEqual([
      { ...entry, status: 200 },
      { ...entry, status: 400 },
    ]);
  });

  it("suffers the faults that a test plans", async () => {
    const { emulator, post, ran } = emulate();
    emulator.faults.add({ method: "POST", path: "/", fault: { kind: "answer", status: 503 } });
    emulator.faults.add({ method: "POST", path: "/", fault: { kind: "lose-answer" } });
    const failed = await post("/", ["INCR", "n"]);
    expect([failed.status, await failed.json(), ran]).toEqual([503, { error: "ERR status 503" }, []]);
    await expect(post("/", ["INCR", "n"])).rejects.toThrow("fetch failed");
    expect(ran).toEqual([["INCR n"]]);
  });

  it("lets no lost Redis pass for an answer of Upstash", async () => {
    const { post } = emulate({ isLost: true });
    await expect(post("/", ["GET", "k"])).rejects.toThrow("Socket closed unexpectedly");
  });
});
