import { describe, expect, it } from "vitest";

import { EVENTUAL, STRONG } from "../../testbed/gateway-fixture.ts";
import { type Meter, openMetered as open } from "../support/metered-gateway.ts";

const MEBIBYTE = 1024 * 1024;
/** https://developers.cloudflare.com/workers/platform/limits/ */
const CALLS_OF_ONE_INVOCATION = 1000;
const OPEN_CONNECTIONS = 6;
const BATCH = 8 * MEBIBYTE;
const CHUNK = 64 * 1024;

describe("storage calls of one request", () => {
  it("stay below what a Worker may make in a bulk of 10,000 pairs on an eventual namespace, which is written whole", async () => {
    const { gateway, meter, kv } = open();
    const body = JSON.stringify(names(10_000).map((key) => ({ key, value: "v" })));
    expect(await gateway("PUT", EVENTUAL.id, "/bulk", body)).toEqual({
      successful_key_count: 10_000,
      unsuccessful_keys: [],
    });
    expect(kv.size).toBe(10_000);
    expect(meter.calls + meter.relays + meter.ledgerCalls).toBeLessThanOrEqual(CALLS_OF_ONE_INVOCATION);
    expect(meter.mostOfARelay).toBeLessThanOrEqual(CALLS_OF_ONE_INVOCATION);
    expect(meter.relays).toBe(Math.ceil(10_000 / 900));
  });

  it("stay below it over all batches of a large bulk on an eventual namespace", async () => {
    const { gateway, meter, kv } = open();
    const body = [...bulkOf(6000, 16 * 1024)].join("");
    expect(body.length).toBeGreaterThan(11 * BATCH);
    expect(await gateway("PUT", EVENTUAL.id, "/bulk", body)).toMatchObject({ successful_key_count: 6000 });
    expect(kv.size).toBe(6000);
    expect(meter.calls + meter.relays + meter.ledgerCalls).toBeLessThanOrEqual(CALLS_OF_ONE_INVOCATION);
    expect(meter.mostOfARelay).toBeLessThanOrEqual(CALLS_OF_ONE_INVOCATION);
    expect(meter.mostAtOnce).toBeLessThanOrEqual(OPEN_CONNECTIONS);
  });

  it("stay below it in a bulk delete, which leaves nothing", async () => {
    const { gateway, meter, kv } = open();
    const left = names(2500);
    for (const key of left) kv.set(key, new Uint8Array());
    expect(await gateway("POST", EVENTUAL.id, "/bulk/delete", JSON.stringify(left))).toMatchObject({
      successful_key_count: 2500,
    });
    expect(kv.size).toBe(0);
    expect(meter.calls + meter.relays).toBeLessThanOrEqual(CALLS_OF_ONE_INVOCATION);
    expect(meter.mostOfARelay).toBeLessThanOrEqual(CALLS_OF_ONE_INVOCATION);
  });

  it("are one for each object and batch in a bulk on a strong namespace", async () => {
    const { gateway, meter } = open({ shards: 16 });
    const body = JSON.stringify(names(10_000).map((key) => ({ key, value: "v".repeat(1024) })));
    const { successful_key_count: written } = await gateway("PUT", STRONG.id, "/bulk", body);
    expect(written).toBe(10_000);
    expect(body.length).toBeGreaterThan(BATCH);
    expect(meter.calls).toBe(16 * Math.ceil(body.length / BATCH));
  });

  it("stay below it where a strong namespace has many objects and the bulk many batches", async () => {
    const { gateway, meter } = open({ shards: 256 });
    const body = JSON.stringify(names(6000).map((key) => ({ key, value: "v".repeat(16 * 1024) })));
    expect(body.length).toBeGreaterThan(11 * BATCH);
    expect(await gateway("PUT", STRONG.id, "/bulk", body)).toMatchObject({ successful_key_count: 6000 });
    expect(meter.calls + meter.relays).toBeLessThanOrEqual(CALLS_OF_ONE_INVOCATION);
    expect(meter.mostOfARelay).toBeLessThanOrEqual(CALLS_OF_ONE_INVOCATION);
  });

  it("are one for each object of a strong namespace in a list, and one for anything on a single key", async () => {
    const { gateway, meter } = open({ shards: 16 });
    const body = JSON.stringify(names(1500).map((key) => ({ key, value: "v" })));
    await gateway("PUT", STRONG.id, "/bulk", body);
    const calls = async (method: string, path: string, content?: string): Promise<number> => {
      meter.reset();
      await gateway(method, STRONG.id, path, content);
      return meter.calls;
    };
    expect(await calls("GET", "/keys?limit=1000")).toBe(16);
    expect(await calls("GET", "/keys?limit=10&prefix=none")).toBe(16);
    expect(await calls("PUT", "/values/k", "v")).toBe(1);
    expect(await calls("GET", "/values/k")).toBe(1);
    expect(await calls("GET", "/metadata/k")).toBe(1);
    expect(await calls("DELETE", "/values/k")).toBe(1);
    const bulkGet = await calls("POST", "/bulk/get", JSON.stringify({ keys: names(100) }));
    expect(bulkGet).toBeLessThanOrEqual(16);
  });
});

describe("memory of a bulk of 100 MB", () => {
  it.each([
    { namespace: STRONG, pairs: 6000, bytes: 17_000 },
    { namespace: STRONG, pairs: 100, bytes: MEBIBYTE - 1024 },
    { namespace: EVENTUAL, pairs: 960, bytes: 108_000 },
  ])("is about two batches on $namespace.consistency with $pairs pairs", async ({ namespace, pairs, bytes }) => {
    const { gateway, meter } = open({ shards: 4 });
    const body = streamed(bulkOf(pairs, bytes), meter);
    const { successful_key_count: written } = await gateway("PUT", namespace.id, "/bulk", body);
    expect(written).toBe(pairs);
    expect(meter.received).toBeGreaterThan(95 * MEBIBYTE);
    // One batch that is being written and the element that did not fit into it, in the chunk that it came in.
    expect(meter.mostHeld).toBeLessThan(BATCH + bytes + 2 * CHUNK + pairs * 64);
    expect(meter.largestBatch).toBeLessThanOrEqual(BATCH);
  });

  it("is one pair more where pairs are as large as they may be", async () => {
    const { gateway, meter } = open({ shards: 1 });
    const text = Buffer.alloc(25 * MEBIBYTE, 1).toString("base64");
    const pair = (key: string) => JSON.stringify({ key, value: text, base64: true });
    const body = streamed([`[${pair("a")},`, `${pair("b")}]`], meter);
    expect(await gateway("PUT", STRONG.id, "/bulk", body)).toEqual({ successful_key_count: 2, unsuccessful_keys: [] });
    expect(meter.mostHeld).toBeLessThan(2 * text.length + 2 * CHUNK + 1024);
  });
});

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `key-${index}`);
}

/** The text of a bulk request, made while it is read. */
function* bulkOf(pairs: number, bytes: number): Generator<string> {
  const value = "v".repeat(bytes);
  for (let index = 0; index < pairs; index += 1) {
    yield `${index === 0 ? "[" : ","}${JSON.stringify({ key: `key-${index}`, value })}`;
  }
  yield "]";
}

/** A body in small chunks, each counted when it is taken. */
function streamed(texts: Iterable<string>, meter: Meter): ReadableStream {
  const chunks = chunksOf(texts);
  return new ReadableStream(
    {
      pull: (controller) => {
        const { value, done } = chunks.next();
        if (done === true) {
          controller.close();
          return;
        }
        meter.receive(value.byteLength);
        controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
}

function* chunksOf(texts: Iterable<string>): Generator<Uint8Array, undefined> {
  for (const text of texts) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += CHUNK) yield Uint8Array.from(bytes.subarray(at, at + CHUNK));
  }
}
