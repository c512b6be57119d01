import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";
import { z } from "zod";

import { createCloudflareEmulator } from "../../local-cloud/cloudflare/emulator.ts";
import { countingRandom, ManualClock, START } from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";

const exchange = z.object({
  step: z.string(),
  vendor: z.string(),
  method: z.string(),
  path: z.string(),
  request: z.unknown(),
  status: z.number(),
  response: z.unknown(),
});
const groups = z.looseObject({ result: z.array(z.looseObject({ name: z.string() })) });

const RECORDED_ACCOUNT = "a".repeat(32);
const RECORDED_ID = /^[0-9a-f]{32}$/;
const file = new URL("../fixtures/official-provider-calls.json", import.meta.url);
const { exchanges } = z.object({ exchanges: z.array(exchange) }).parse(JSON.parse(readFileSync(file, "utf8")));
const recorded = exchanges.filter(({ vendor }) => vendor === "cloudflare");

/** Keys and JSON types, nothing else. */
function formOf(value: unknown): unknown {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.map(formOf);
  if (typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, formOf(inner)]));
}

/** Notes which id of the emulator stands for which recorded one, wherever both answers hold one at the same place. */
function learnIds(ids: Map<string, string>, expected: unknown, actual: unknown): void {
  if (typeof expected === "string" && typeof actual === "string") {
    if (RECORDED_ID.test(expected) && expected !== RECORDED_ACCOUNT) ids.set(expected, ids.get(expected) ?? actual);
  } else if (typeof expected === "object" && expected !== null) {
    for (const [key, inner] of Object.entries(expected)) {
      learnIds(ids, inner, isObject(actual) ? actual[key] : undefined);
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function withIds(ids: ReadonlyMap<string, string>, text: string): string {
  let replaced = text;
  for (const [from, to] of ids) replaced = replaced.replaceAll(from, to);
  return replaced;
}

/** The fields of a recorded answer that echo the request or the past, with ids put in. */
function valuesToKeep(response: unknown): unknown {
  const generated = new Set(["created_on", "updated_on", "issued_on", "modified_on", "value", "number", "source"]);
  return JSON.parse(JSON.stringify(response, (key, value: unknown) => (generated.has(key) ? undefined : value)));
}

/** The emulator knows more permission groups than the server that was recorded. */
function comparable(path: string, answer: unknown): unknown {
  if (!path.endsWith("/permission_groups")) return answer;
  const { result, ...envelope } = groups.parse(answer);
  return { ...envelope, result: result.filter(({ name }) => name.startsWith("Workers KV Storage")) };
}

describe("the recorded calls of the official provider", () => {
  test("are there: reads, creates, updates and deletes of every kind", () => {
    const kinds = new Set(recorded.map(({ method, path }) => `${method} ${path.split("/").slice(5, 7).join("/")}`));
    expect([...kinds].map((kind) => kind.replace(/\/[0-9a-f]{32}$/, "/:id")).toSorted()).toEqual(
      [
        "DELETE storage/kv",
        "DELETE tokens/:id",
        "DELETE tokens/:id",
        "DELETE workers/workers",
        "GET storage/kv",
        "GET tokens/:id",
        "GET tokens/:id",
        "GET tokens/permission_groups",
        "GET workers/scripts",
        "GET workers/workers",
        "POST storage/kv",
        "POST tokens",
        "POST workers/scripts",
        "POST workers/workers",
        "PUT storage/kv",
        "PUT tokens/:id",
        "PUT tokens/:id",
        "PUT workers/workers",
      ].toSorted(),
    );
  });

  test("are answered in the recorded form when they are made again in order", async () => {
    const clock = new ManualClock(START);
    const accounts = [{ id: RECORDED_ACCOUNT, name: "recorded" }];
    const emulator = createCloudflareEmulator({ clock, random: countingRandom(), accounts });
    const headers = { authorization: `Bearer ${emulator.accountTokens[0]?.token.reveal() ?? ""}` };
    const ids = new Map<string, string>();
    for (const { step, method, path, request, status, response } of recorded) {
      clock.advance(1_000);
      const body = request === null ? null : withIds(ids, JSON.stringify(request));
      const url = `https://cloudflare.test${withIds(ids, path)}`;
      const answered = await emulator.fetch(new Request(url, { method, headers, body }));
      const answer = comparable(path, await answered.json());
      const call = `${step} ${method} ${path}`;
      learnIds(ids, response, answer);
      expect({ call, status: answered.status, form: formOf(answer) }).toEqual({
        call,
        status,
        form: formOf(response),
      });
      const expected: unknown = JSON.parse(withIds(ids, JSON.stringify(valuesToKeep(response))));
      expect({ call, answer: valuesToKeep(answer) }).toEqual({ call, answer: expected });
    }
  });
});
