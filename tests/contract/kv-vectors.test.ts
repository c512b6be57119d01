import { readFile } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { bytes, type Codec, json, type KvError, text } from "../../src/kv/index.ts";
import { mergeSessions, sessionKey, sessionsIn } from "../../src/kv/sessions/index.ts";
import { memoryKv } from "../support/memory-kv.ts";

// Read by a client that knows nothing of the library: plain calls of Cloudflare's dialect.

async function vectors<Vector>(file: string): Promise<Vector> {
  return JSON.parse(await readFile(new URL(`../vectors/${file}.json`, import.meta.url), "utf8")) as Vector;
}

interface Stored {
  readonly text?: string;
  readonly base64?: string;
  readonly metadata?: unknown;
  readonly expiration?: number;
}

interface ValueVector {
  readonly name: string;
  readonly consistency: "eventual" | "strong";
  readonly codec: CodecName;
  readonly schemaVersion?: number;
  readonly nowMs: number;
  readonly defaultTtlSeconds?: number;
  readonly put: {
    readonly key: string;
    readonly value?: unknown;
    readonly valueBase64?: string;
    readonly ttlSeconds?: number;
    readonly expiresAtMs?: number;
    readonly metadata?: unknown;
  };
  readonly stored: Stored;
}

interface ReadVector {
  readonly name: string;
  readonly codec: CodecName;
  readonly nowMs?: number;
  readonly stored: Stored;
  readonly found?: { readonly value: unknown; readonly metadata?: unknown } | null;
  readonly error?: string;
}

const CODECS = { json, text, bytes } as const;
type CodecName = keyof typeof CODECS;
const codecOf = (name: CodecName) => CODECS[name]() as Codec<unknown>;
const bytesIn = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

const values = await vectors<ValueVector[]>("values");
const reads = await vectors<ReadVector[]>("reads");

describe("what the library stores", () => {
  it.each(values)("is, of $name, what the vector says, and comes back", async (vector) => {
    const { consistency, codec, nowMs, defaultTtlSeconds = 3600, put, stored, schemaVersion } = vector;
    const { kv, raw } = memoryKv({ defaultTtlSeconds, world: { now: () => nowMs } });
    const name = consistency === "strong" ? "sessions" : "cache";
    const options = schemaVersion === undefined ? {} : { schemaVersion };
    const namespace = kv.namespace(name, { codec: codecOf(codec), ...options });
    const { key, valueBase64, ttlSeconds, expiresAtMs, metadata } = put;
    const value = valueBase64 === undefined ? put.value : bytesIn(valueBase64);
    await namespace.put(key, value, {
      ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
      ...(expiresAtMs === undefined ? {} : { expiresAt: new Date(expiresAtMs) }),
      ...(metadata === undefined ? {} : { metadata }),
    });
    expect(await raw(name, key)).toEqual({
      bytes: stored.base64 === undefined ? new TextEncoder().encode(stored.text) : bytesIn(stored.base64),
      metadata: stored.metadata,
      expiration: stored.expiration,
    });
    expect(await namespace.get(key)).toEqual(value);
  });

  it.each(reads)("is read, of $name, as the vector says", async ({ codec, nowMs, stored, found, error }) => {
    const { kv, write } = memoryKv(nowMs === undefined ? {} : { world: { now: () => nowMs } });
    const content = stored.base64 === undefined ? new TextEncoder().encode(stored.text) : bytesIn(stored.base64);
    await write("cache", "key", content, stored.metadata);
    const reading = kv.namespace("cache", { codec: codecOf(codec) }).getEntry("key");
    const outcome = await reading.then(
      (entry) => (entry === undefined ? null : { value: entry.value, metadata: entry.metadata }),
      (caught: unknown) => (caught as KvError).code,
    );
    expect(outcome).toEqual(error ?? (found === null ? null : { metadata: undefined, ...found }));
  });

  it("is, of a value that is split, parts and a manifest", async () => {
    const { nowMs, writeId, splitAboveBytes, put, stored } = await vectors<{
      readonly nowMs: number;
      readonly writeId: string;
      readonly splitAboveBytes: number;
      readonly put: { readonly key: string; readonly value: string; readonly ttlSeconds: number };
      readonly stored: readonly (Stored & { readonly key: string; readonly json?: unknown })[];
    }>("parts");
    const { kv, raw } = memoryKv({ world: { now: () => nowMs, uniqueId: () => writeId } });
    const namespace = kv.namespace("cache", { codec: text(), splitAboveBytes });
    await namespace.put(put.key, put.value, { ttlSeconds: put.ttlSeconds });
    for (const { key, text: part, json: manifest, metadata, expiration } of stored) {
      const found = await raw("cache", key);
      const content = new TextDecoder().decode(found?.bytes);
      expect({ key, content: manifest === undefined ? content : JSON.parse(content), ...found }).toMatchObject({
        key,
        content: manifest ?? part,
        metadata,
        expiration,
      });
    }
    expect(await namespace.get(put.key)).toBe(put.value);
  });
});

describe("what the library stores of sessions", async () => {
  const { keys, stored, destroyed, merges } = await vectors<{
    readonly keys: readonly { readonly id: string; readonly key: string }[];
    readonly stored: { readonly id: string; readonly data: object; readonly text: string; readonly metadata: unknown };
    readonly destroyed: {
      readonly strong: Stored;
      readonly eventualKey: string;
      readonly eventualText: string;
    };
    readonly merges: readonly {
      readonly name: string;
      readonly base: Record<string, unknown>;
      readonly mine: Record<string, unknown>;
      readonly theirs: Record<string, unknown>;
      readonly merged: Record<string, unknown>;
    }[];
  }>("sessions");
  const textOf = (found: { readonly bytes: Uint8Array } | undefined) => new TextDecoder().decode(found?.bytes);

  it.each(keys)("is under the hash of the id $id", async ({ id, key }) => {
    expect(await sessionKey(id)).toBe(key);
  });

  it.each(merges)("is, of two requests at once, merged: $name", ({ base, mine, theirs, merged }) => {
    expect(mergeSessions(base, mine, theirs)).toEqual(merged);
  });

  it("is JSON while it lives, and a grave when it was destroyed", async () => {
    const { kv, raw } = memoryKv();
    const sessions = sessionsIn(kv.strong("sessions"));
    await sessions.save(stored.id, { ...stored.data }, 60);
    const living = await raw("sessions", keys[0]?.key ?? "");
    expect([textOf(living), living?.metadata]).toEqual([stored.text, stored.metadata]);
    await sessions.destroy(stored.id);
    const dead = await raw("sessions", keys[0]?.key ?? "");
    expect([textOf(dead), dead?.metadata]).toEqual([destroyed.strong.text, destroyed.strong.metadata]);
  });

  it("is, on an eventual namespace, gone with a record of its end", async () => {
    const { kv, raw } = memoryKv();
    const sessions = sessionsIn(kv.namespace("cache"), { acceptStaleLogout: true });
    await sessions.save(stored.id, { ...stored.data }, 60);
    expect(textOf(await raw("cache", keys[0]?.key ?? ""))).toBe(stored.text);
    await sessions.destroy(stored.id);
    expect(await raw("cache", keys[0]?.key ?? "")).toBeUndefined();
    expect(textOf(await raw("cache", destroyed.eventualKey))).toBe(destroyed.eventualText);
  });
});
