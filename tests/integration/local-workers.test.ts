import { connect } from "node:net";
import { text } from "node:stream/consumers";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { SOURCE_ADDRESS_HEADER } from "../../local-cloud/cloudflare/emulator.ts";
import { sendRaw } from "../support/raw-http.ts";
import { startWorkerCloud, type WorkerCloud } from "../support/worker-cloud.ts";

/** Runs what a request says on its KV binding, and answers with the outcome as JSON. */
const KV_SCRIPT = `
const shown = (value) =>
  value instanceof Map ? { map: [...value] } : value instanceof ArrayBuffer ? { bytes: [...new Uint8Array(value)] } : value;
export default {
  async fetch(request, { KV }) {
    const [method, ...args] = await request.json();
    try {
      const result = await KV[method](...args.map((arg) => arg?.bytes ? new Uint8Array(arg.bytes) : arg));
      return Response.json({ result: shown(result) ?? null });
    } catch (error) {
      return Response.json({ error: error.name + ": " + error.message });
    }
  },
};`;
const echo = (version: string) => `
export default {
  async fetch(request) {
    const sent = await request.arrayBuffer();
    const headers = Object.fromEntries(request.headers);
    return Response.json({ version: "${version}", url: request.url, sent: sent.byteLength, headers });
  },
};`;
const counter = (step: number) => `
import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  add() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS counts (n INTEGER)");
    sql.exec("INSERT INTO counts VALUES (${String(step)})");
    return sql.exec("SELECT sum(n) AS sum FROM counts").one().sum;
  }
}
export default {
  async fetch(request, env) {
    return Response.json(await env.COUNTER.get(env.COUNTER.idFromName("one")).add());
  },
};`;
const COUNTER_BINDINGS = [{ type: "durable_object_namespace", name: "COUNTER", class_name: "Counter" }];
const COUNTER_EXPORTS = { exports: { Counter: { type: "durable-object", storage: "sqlite" } } };
const SIXTY_SECONDS_MS = 60_000;

let cloud: WorkerCloud;
beforeEach(async () => {
  cloud = await startWorkerCloud();
});
afterEach(async () => {
  await cloud[Symbol.asyncDispose]();
});

async function textOf(path: string, init?: RequestInit): Promise<string> {
  return (await fetch(`${cloud.url}${path}`, init)).text();
}

async function jsonOf(path: string, init?: RequestInit): Promise<Record<string, unknown>> {
  return JSON.parse(await textOf(path, init)) as Record<string, unknown>;
}

describe("an uploaded Worker", () => {
  test("answers below its name once it is deployed, and no more when it is deleted", async () => {
    expect((await fetch(`${cloud.url}/gateway/`)).status).toBe(404);
    expect(await cloud.deploy(echo("1"))).toMatchObject({ status: 200 });
    expect(await jsonOf("/gateway")).toMatchObject({ version: "1" });
    expect((await fetch(`${cloud.url}/other/`)).status).toBe(404);
    await cloud.call("DELETE", "/workers/workers/gateway");
    expect((await fetch(`${cloud.url}/gateway/`)).status).toBe(404);
  });

  test("receives path, query, body and headers as they were sent, with the address of the sender", async () => {
    await cloud.deploy(echo("1"));
    const target = "/gateway/a//b%2Fc%20d/x?q=%2B&q=1";
    const { body } = await sendRaw(cloud.url, {
      method: "POST",
      target,
      headers: { "x-own": "kept", "cf-connecting-ip": "192.0.2.1", connection: "close" },
      body: "x".repeat(100_000),
    });
    const received = JSON.parse(body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1)) as Record<string, unknown>;
    expect(received).toMatchObject({
      sent: 100_000,
      headers: {
        "x-own": "kept",
        "cf-connecting-ip": "127.0.0.1",
        "cf-ray": expect.stringMatching(/^[0-9a-f]{16}-LOC$/),
      },
    });
    expect(String(received["url"])).toBe(`${cloud.url}${target.replace("/gateway", "")}`);
    const elsewhere = await jsonOf("/gateway/", { headers: { [SOURCE_ADDRESS_HEADER]: "203.0.113.9" } });
    expect(elsewhere["headers"]).toMatchObject({ "cf-connecting-ip": "203.0.113.9" });
    expect(elsewhere["headers"]).not.toHaveProperty(SOURCE_ADDRESS_HEADER);
    cloud.emulator.setSourceAddress("2001:db8::1");
    expect((await jsonOf("/gateway/"))["headers"]).toMatchObject({ "cf-connecting-ip": "2001:db8::1" });
  });

  test("answers clients that end their side once they have asked, and refuses two Host headers", async () => {
    await cloud.deploy(echo("1"));
    const ask = async (...headers: readonly string[]) => {
      const { hostname, port } = new URL(cloud.url);
      const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
      socket.end(["GET /gateway/ HTTP/1.1", ...headers, "Connection: close", "", ""].join("\r\n"));
      return (await text(socket)).split("\r\n")[0];
    };
    expect(await ask("Host: one.example")).toBe("HTTP/1.1 200 OK");
    expect(await ask("Host: one.example", "Host: two.example")).toBe("HTTP/1.1 400 Bad Request");
  });

  test("loses no answer of a neighbour of HEAD", async () => {
    await cloud.deploy(echo("1"));
    const asked = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? "HEAD" : "GET"));
    const answers = await Promise.all(asked.map((method) => fetch(`${cloud.url}/gateway/`, { method })));
    const sizes = await Promise.all(answers.map(async (answer) => [answer.status, (await answer.text()).length > 0]));
    expect(sizes).toEqual(asked.map((method) => [200, method === "GET"]));
  });

  test("has the variables and secrets of its version", async () => {
    const script = `export default { fetch: (request, { PLAIN, SECRET, DATA }) => Response.json({ PLAIN, SECRET, DATA }) };`;
    await cloud.deploy(script, [
      { type: "plain_text", name: "PLAIN", text: "one" },
      { type: "secret_text", name: "SECRET", text: "two" },
      { type: "json", name: "DATA", json: { three: [4] } },
    ]);
    expect(await jsonOf("/gateway/")).toEqual({ PLAIN: "one", SECRET: "two", DATA: { three: [4] } });
  });

  test("that cannot be run is refused with the reason, and the version before it goes on serving", async () => {
    await cloud.deploy(echo("1"));
    const refused = [
      await cloud.deploy("export default { syntax error"),
      await cloud.deploy("throw new Error('not today'); export default {};"),
      await cloud.deploy(echo("2"), [{ type: "queue", name: "QUEUE" }]),
      await cloud.deploy(counter(1), COUNTER_BINDINGS),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    expect(refused.map(({ text }) => (JSON.parse(text) as { errors: unknown[] }).errors[0])).toEqual([
      { code: 10021, message: expect.stringMatching(/^Uncaught SyntaxError: .*\n +at main\.js:1:\d+$/) },
      { code: 10021, message: expect.stringMatching(/^Uncaught Error: not today/) },
      { code: 10021, message: "Binding QUEUE: the local cloud has no bindings of type queue." },
      { code: 10021, message: expect.stringContaining("declares the class Counter with SQLite storage") },
    ]);
    expect(await jsonOf("/gateway/")).toMatchObject({ version: "1" });
    expect((await cloud.call("GET", "/workers/workers/gateway/versions")).json.result).toHaveLength(1);
  });

  test("keeps the data of its Durable Objects through new versions, and loses it when it is deleted", async () => {
    await cloud.deploy(counter(1), COUNTER_BINDINGS, COUNTER_EXPORTS);
    expect([await textOf("/gateway/"), await textOf("/gateway/")]).toEqual(["1", "2"]);
    await cloud.deploy(counter(10), COUNTER_BINDINGS, COUNTER_EXPORTS);
    expect(await textOf("/gateway/")).toBe("12");
    await cloud.call("DELETE", "/workers/workers/gateway");
    await cloud.call("POST", "/workers/workers", { json: { name: "gateway" } });
    await cloud.deploy(counter(1), COUNTER_BINDINGS, COUNTER_EXPORTS);
    expect(await textOf("/gateway/")).toBe("1");
  });
});

describe("an exchange of versions", () => {
  test("loses no request: what comes meanwhile is held", async () => {
    const slow = (version: string) => `
      export default { async fetch(request) { await scheduler.wait(20); await request.text(); return new Response("${version}"); } };`;
    await cloud.deploy(slow("0"));
    const done = new AbortController();
    const seen: string[] = [];
    const clients = Array.from({ length: 8 }, async () => {
      while (!done.signal.aborted) {
        const response = await fetch(`${cloud.url}/gateway/`, { method: "POST", body: "x".repeat(1000) });
        seen.push(`${String(response.status)} ${await response.text()}`);
      }
    });
    for (const version of ["1", "2", "3"]) {
      const { length } = seen;
      await expect.poll(() => seen.length).toBeGreaterThan(length + 8);
      await cloud.deploy(slow(version));
    }
    await expect.poll(() => seen.at(-1)).toBe("200 3");
    done.abort();
    await Promise.all(clients);
    expect(new Set(seen)).toEqual(new Set(["200 0", "200 1", "200 2", "200 3"]));
    expect(cloud.runtime.counts.held).toBeGreaterThan(0);
    expect(cloud.runtime.counts.served).toBe(seen.length);
  });
});

describe("the KV binding of a Worker", () => {
  let namespace: string;
  const kv = async (...call: readonly unknown[]): Promise<Record<string, unknown>> =>
    jsonOf("/gateway/", { method: "POST", body: JSON.stringify(call) });
  beforeEach(async () => {
    namespace = await cloud.createNamespace();
    await cloud.deploy(KV_SCRIPT, [{ type: "kv_namespace", name: "KV", namespace_id: namespace }]);
  });

  test("holds the pairs that the REST API serves, both ways", async () => {
    const path = `/storage/kv/namespaces/${namespace}`;
    await cloud.call("PUT", `${path}/values/by%2Frest?expiration_ttl=60`, { body: "a" });
    await kv("put", "by/binding", "b", { metadata: { owner: "me" } });
    await kv("put", "bytes", { bytes: [0, 255, 10] });
    expect(await kv("get", "by/rest")).toEqual({ result: "a" });
    expect(await kv("getWithMetadata", "by/binding", "text")).toMatchObject({
      result: { value: "b", metadata: { owner: "me" } },
    });
    expect(await kv("get", "bytes", { type: "arrayBuffer" })).toEqual({ result: { bytes: [0, 255, 10] } });
    expect(await kv("get", ["by/rest", "none", "by/binding"])).toEqual({
      result: {
        map: [
          ["by/rest", "a"],
          ["none", null],
          ["by/binding", "b"],
        ],
      },
    });
    expect(Buffer.from((await cloud.call("GET", `${path}/values/by%2Fbinding`)).bytes).toString()).toBe("b");
    expect(await kv("list", { prefix: "by/", limit: 1 })).toMatchObject({
      result: { keys: [{ name: "by/binding", metadata: { owner: "me" } }], list_complete: false },
    });
    cloud.clock.advance(SIXTY_SECONDS_MS);
    expect(await kv("get", "by/rest")).toEqual({ result: null });
    await kv("delete", "by/binding");
    expect((await cloud.call("GET", `${path}/values/by%2Fbinding`)).status).toBe(404);
  });

  test("refuses what the runtime refuses, in its words", async () => {
    const errors = [
      await kv("put", "key", "v", { expirationTtl: 59 }),
      await kv("put", "", "v"),
      await kv("put", "k".repeat(513), "v"),
      await kv("put", "key", "v", { metadata: "m".repeat(1024) }),
      await kv("put", "key", 7),
      await kv("get", "key", { cacheTtl: 29 }),
      await kv("get", Array.from({ length: 101 }, String)),
      await kv("list", { limit: 1001 }),
    ];
    expect(errors.map(({ error }) => error)).toEqual([
      "Error: KV PUT failed: 400 Invalid expiration_ttl of 59. Expiration TTL must be at least 60.",
      "TypeError: Key name cannot be empty.",
      "Error: KV PUT failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.",
      "Error: KV PUT failed: 413 Metadata length of 1026 exceeds limit of 1024.",
      "TypeError: KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.",
      "Error: KV GET failed: 400 Invalid cache_ttl of 29. Cache TTL must be at least 30.",
      "Error: KV GET_BULK failed: 400 You can request a maximum of 100 keys",
      "Error: KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less than 1000.",
    ]);
  });

  test("takes values of 25 MiB as a stream, and none above", async () => {
    const script = `export default { async fetch(request, { KV }) {
      if (request.method === "GET") return new Response(await KV.get("big", "stream"));
      try { await KV.put("big", request.body); return new Response("kept"); } catch (error) { return new Response(error.message); }
    } };`;
    await cloud.deploy(script, [{ type: "kv_namespace", name: "KV", namespace_id: namespace }]);
    const value = Buffer.alloc(25 * 1024 * 1024, "v");
    expect(await textOf("/gateway/", { method: "POST", body: value })).toBe("kept");
    const read = await (await fetch(`${cloud.url}/gateway/`)).arrayBuffer();
    expect(Buffer.from(read).equals(value)).toBe(true);
    const tooLong = Buffer.concat([value, Buffer.from("v")]);
    expect(await textOf("/gateway/", { method: "POST", body: tooLong })).toMatch(/^KV PUT failed: 413 Value length/);
  });
});
