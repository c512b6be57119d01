import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";

import { campaign } from "../support/campaign.ts";
import { type EmulatedCloudflare, emulateCloudflare } from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";

interface ModelEntry {
  readonly value: Uint8Array;
  readonly metadata: unknown;
  /** Seconds since the epoch. */
  readonly expiration: number | undefined;
}

type Model = Map<string, ModelEntry>;

interface Real {
  readonly cloud: EmulatedCloudflare;
  readonly path: string;
}

type Step =
  | { readonly type: "put"; readonly key: string; readonly value: Uint8Array; readonly ttl: number | undefined }
  | { readonly type: "bulkPut"; readonly pairs: readonly { key: string; value: string; metadata: unknown }[] }
  | { readonly type: "get" | "delete"; readonly key: string }
  | { readonly type: "bulkDelete" | "bulkGet"; readonly keys: readonly string[] }
  | { readonly type: "list"; readonly prefix: string; readonly limit: number }
  | { readonly type: "advance"; readonly milliseconds: number };

const page = z.object({ result: z.array(z.unknown()), result_info: z.object({ cursor: z.string() }) });

const ALPHABET = ["a", "b", "/", "%", ".", " ", "+", "ü", "\ue000", "\uffff", "\u{10000}", "\u{1f600}", "\u0000", "_"];

// Few keys, so that steps meet; the odd ones of URLs and of Unicode among them.
const key = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom("a", "b", "ab", "a/b", "a%2Fb", "__proto__", "constructor") },
    { weight: 2, arbitrary: fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }) },
  )
  .filter((name) => name !== "." && name !== "..");
const ttl = fc.option(fc.integer({ min: 60, max: 180 }), { nil: undefined });
const metadata = fc.option(fc.jsonValue({ maxDepth: 1 }), { nil: undefined });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("put" as const), key, value: fc.uint8Array({ maxLength: 16 }), ttl }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("bulkPut" as const),
      pairs: fc.array(fc.record({ key, value: fc.string({ unit: "grapheme", maxLength: 8 }), metadata }), {
        maxLength: 8,
      }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constantFrom("get" as const, "delete" as const), key }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom("bulkDelete" as const, "bulkGet" as const),
      keys: fc.array(key, { maxLength: 8 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("list" as const),
      prefix: fc.oneof(fc.constant(""), key),
      limit: fc.integer({ min: 10, max: 12 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("advance" as const), milliseconds: fc.integer({ min: 1, max: 90_000 }) }),
  },
);

function removeExpired(model: Model, now: number): void {
  for (const [name, { expiration }] of model)
    if (expiration !== undefined && now >= expiration * 1000) model.delete(name);
}

async function listAll({ cloud, path }: Real, prefix: string, limit: number): Promise<unknown[]> {
  const keys: unknown[] = [];
  let cursor = "";
  do {
    const query = new URLSearchParams({ prefix, limit: String(limit), cursor });
    const { json } = await cloud.call("GET", `${path}/keys?${query.toString()}`);
    const { result, result_info: info } = page.parse(json);
    keys.push(...result);
    ({ cursor } = info);
  } while (cursor !== "");
  return keys;
}

function modelList(model: Model, prefix: string): unknown[] {
  return [...model]
    .filter(([name]) => name.startsWith(prefix))
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, entry]) => {
      const shown: Record<string, unknown> = { name };
      if (entry.expiration !== undefined) shown["expiration"] = entry.expiration;
      if (entry.metadata !== undefined) shown["metadata"] = entry.metadata;
      return shown;
    });
}

/** Does the step in both worlds; returns what the emulator answered and what the model expects. */
async function run(taken: Step, model: Model, real: Real): Promise<{ actual: unknown; expected: unknown }> {
  const { cloud, path } = real;
  removeExpired(model, cloud.clock.now());
  switch (taken.type) {
    case "put": {
      const query = taken.ttl === undefined ? "" : `?expiration_ttl=${String(taken.ttl)}`;
      const body = Uint8Array.from(taken.value);
      const { status } = await cloud.call("PUT", `${path}/values/${encodeURIComponent(taken.key)}${query}`, { body });
      const expiration = taken.ttl === undefined ? undefined : Math.floor(cloud.clock.now() / 1000) + taken.ttl;
      model.set(taken.key, { value: taken.value, metadata: undefined, expiration });
      return { actual: status, expected: 200 };
    }
    case "bulkPut": {
      const { json } = await cloud.call("PUT", `${path}/bulk`, { json: taken.pairs });
      for (const pair of taken.pairs) {
        // Negative zero and the like do not survive JSON.
        const sent: unknown = pair.metadata === undefined ? null : JSON.parse(JSON.stringify(pair.metadata));
        model.set(pair.key, { value: Buffer.from(pair.value), metadata: sent ?? undefined, expiration: undefined });
      }
      return { actual: json.result, expected: { successful_key_count: taken.pairs.length, unsuccessful_keys: [] } };
    }
    case "get": {
      const got = await cloud.call("GET", `${path}/values/${encodeURIComponent(taken.key)}`);
      const entry = model.get(taken.key);
      const actual = {
        value: got.status === 200 ? [...got.bytes] : got.status,
        expiration: got.headers.get("expiration"),
      };
      if (entry === undefined) return { actual, expected: { value: 404, expiration: null } };
      const expiration = entry.expiration === undefined ? null : String(entry.expiration);
      return { actual, expected: { value: [...entry.value], expiration } };
    }
    case "delete": {
      const { status } = await cloud.call("DELETE", `${path}/values/${encodeURIComponent(taken.key)}`);
      model.delete(taken.key);
      return { actual: status, expected: 200 };
    }
    case "bulkDelete": {
      const { status } = await cloud.call("POST", `${path}/bulk/delete`, { json: taken.keys });
      for (const name of taken.keys) model.delete(name);
      return { actual: status, expected: 200 };
    }
    case "bulkGet": {
      const isText = (name: string) => model.get(name)?.value.every((byte) => byte < 0x80) ?? true;
      const keys = taken.keys.filter(isText);
      const { json } = await cloud.call("POST", `${path}/bulk/get`, { json: { keys } });
      const pairs = keys.map((name): [string, unknown] => {
        const entry = model.get(name);
        return [name, entry === undefined ? null : Buffer.from(entry.value).toString()];
      });
      return { actual: json.result, expected: { values: Object.fromEntries(pairs) } };
    }
    case "list": {
      const actual = await listAll(real, taken.prefix, taken.limit);
      return { actual, expected: modelList(model, taken.prefix) };
    }
    case "advance": {
      cloud.clock.advance(taken.milliseconds);
      return { actual: undefined, expected: undefined };
    }
    default:
      throw new Error("a step without a meaning", { cause: taken satisfies never });
  }
}

describe("a KV namespace of the emulator", () => {
  test("behaves like a map that forgets in time, over any sequence of steps", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const cloud = emulateCloudflare();
        const real = { cloud, path: `/storage/kv/namespaces/${await cloud.createNamespace()}` };
        const model: Model = new Map();
        for (const taken of steps) {
          const { actual, expected } = await run(taken, model, real);
          expect({ taken, actual }).toEqual({ taken, actual: expected });
        }
        removeExpired(model, cloud.clock.now());
        expect(await listAll(real, "", 10)).toEqual(modelList(model, ""));
      }),
      { numRuns: campaign(150) },
    );
  });
});
