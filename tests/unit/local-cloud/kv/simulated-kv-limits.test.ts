import { describe, expect, it } from "vitest";

import type { KvBinding } from "../../../../src/core/kv-binding.ts";
import { START } from "../cloudflare/emulated-cloudflare.ts";
import { simulate } from "./simulated-network.ts";

const MEBIBYTE = 1024 * 1024;
const LONGEST_KEY = "ä".repeat(256);
const START_SECONDS = START / 1000;
const VALUE = Uint8Array.of(1);

type Call = (kv: KvBinding) => Promise<unknown>;

const get =
  (key: string, cacheTtl?: number): Call =>
  (kv) =>
    kv.getWithMetadata(key, { type: "stream", ...(cacheTtl === undefined ? {} : { cacheTtl }) });
const bulkGet =
  (keys: readonly string[], cacheTtl?: number): Call =>
  (kv) =>
    kv.getWithMetadata(keys, { type: "text", ...(cacheTtl === undefined ? {} : { cacheTtl }) });
const put =
  (key: string, options: Parameters<KvBinding["put"]>[2] = {}, value: Uint8Array = VALUE): Call =>
  (kv) =>
    kv.put(key, value, options);
const remove =
  (key: string): Call =>
  (kv) =>
    kv.delete(key);
const list =
  (options: Parameters<KvBinding["list"]>[0]): Call =>
  (kv) =>
    kv.list(options);

async function refusalOf(call: Call): Promise<string> {
  const { kv } = simulate();
  return await call(kv.at("ams")).then(
    () => "accepted",
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

const TTL = "KV PUT failed: 400 Invalid expiration_ttl of";
const POINT = "KV PUT failed: 400 Invalid expiration of";
const CACHE_TTL = "400 Invalid cache_ttl of";

// The messages were seen in workerd on Miniflare 4, except those of broken cursors and of lists with a limit below 1.
describe("the limits of the simulated KV", () => {
  it.each([
    ["reading an empty key", get(""), "TypeError: Key name cannot be empty."],
    ["writing an empty key", put(""), "TypeError: Key name cannot be empty."],
    ["deleting an empty key", remove(""), "TypeError: Key name cannot be empty."],
    ["reading the key .", get("."), 'TypeError: "." is not allowed as a key name.'],
    ["writing the key ..", put(".."), 'TypeError: ".." is not allowed as a key name.'],
    ["deleting the key ..", remove(".."), 'TypeError: ".." is not allowed as a key name.'],
    [
      "reading many with an empty key",
      bulkGet(["k", ""]),
      "Error: KV GET_BULK failed: 400 Key names must not be empty",
    ],
    [
      "reading many with the key .",
      bulkGet(["."]),
      'Error: KV GET_BULK failed: 400 Illegal key name ".". Please use a different name.',
    ],
    ["reading half a surrogate pair", get("\ud800"), "Error: KV GET failed: 400 Could not URL-decode key name"],
    ["writing half a surrogate pair", put("a\udc00b"), "Error: KV PUT failed: 400 Could not URL-decode key name"],
    ["deleting half a surrogate pair", remove("\ud800"), "Error: KV DELETE failed: 400 Could not URL-decode key name"],
    ["reading 101 keys", bulkGet(keysOf(101)), "Error: KV GET_BULK failed: 400 You can request a maximum of 100 keys"],
    ["reading no keys", bulkGet([]), "Error: KV GET_BULK failed: 400 You must request a minimum of 1 key"],
    [
      "a lifetime of 59 seconds",
      put("k", { expirationTtl: 59 }),
      `Error: ${TTL} 59. Expiration TTL must be at least 60.`,
    ],
    ["a lifetime of 0", put("k", { expirationTtl: 0 }), `Error: ${TTL} 0. Please specify integer greater than 0.`],
    [
      "a lifetime that is no number",
      put("k", { expirationTtl: Number.NaN }),
      `Error: ${TTL} 0. Please specify integer greater than 0.`,
    ],
    [
      "a lifetime too short beside a good point in time",
      put("k", { expirationTtl: 59, expiration: START_SECONDS + 3600 }),
      `Error: ${TTL} 59. Expiration TTL must be at least 60.`,
    ],
    [
      "an end in 59 seconds",
      put("k", { expiration: START_SECONDS + 59 }),
      `Error: ${POINT} ${START_SECONDS + 59}. Expiration times must be at least 60 seconds in the future.`,
    ],
    [
      "an end that is now",
      put("k", { expiration: START_SECONDS }),
      `Error: ${POINT} ${START_SECONDS}. Please specify integer greater than the current number of seconds since the UNIX epoch.`,
    ],
    [
      "metadata of 1,025 bytes",
      put("k", { metadata: "x".repeat(1023) }),
      "Error: KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024.",
    ],
    [
      "metadata of 1,025 bytes in fewer characters",
      put("k", { metadata: `${"ä".repeat(511)}x` }),
      "Error: KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024.",
    ],
    ["a cacheTtl of 29", get("k", 29), `Error: KV GET failed: ${CACHE_TTL} 29. Cache TTL must be at least 30.`],
    ["a cacheTtl of 0", get("k", 0), `Error: KV GET failed: ${CACHE_TTL} 0. Cache TTL must be at least 30.`],
    [
      "a cacheTtl of 29 for many",
      bulkGet(["k"], 29),
      `Error: KV GET_BULK failed: ${CACHE_TTL} 29. Cache TTL must be at least 30.`,
    ],
    [
      "a page of 1,001",
      list({ limit: 1001 }),
      "Error: KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less than 1000.",
    ],
    [
      "a page of 0",
      list({ limit: 0 }),
      "Error: KV GET failed: 400 Invalid key_count_limit of 0. Please specify an integer greater than 0.",
    ],
    ["a cursor of the caller's own", list({ cursor: "k1" }), "Error: KV GET failed: 400 Invalid cursor"],
  ])("refuse %s", async (_, call, refusal) => {
    expect(await refusalOf(call)).toBe(refusal);
  });

  it.each([
    ["GET", get],
    ["PUT", put],
    ["DELETE", remove],
    ["GET_BULK", (key: string) => bulkGet([key])],
    ["GET", (prefix: string) => list({ prefix })],
  ])("take 512 bytes of UTF-8 as a key or prefix and no more (%s)", async (operation, call) => {
    expect(await refusalOf(call(LONGEST_KEY))).toBe("accepted");
    expect(await refusalOf(call(`${LONGEST_KEY}x`))).toBe(
      `Error: KV ${operation} failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.`,
    );
  });

  it.each([
    ["other dots and spaces in a key", put(" ../. ")],
    ["100 keys at once", bulkGet(keysOf(100))],
    ["a lifetime of 60 seconds", put("k", { expirationTtl: 60 })],
    ["an end in 60 seconds", put("k", { expiration: START_SECONDS + 60 })],
    ["metadata of 1,024 bytes", put("k", { metadata: "x".repeat(1022) })],
    ["a cacheTtl of 30", get("k", 30)],
    ["the longest cacheTtl", get("k", Number.MAX_SAFE_INTEGER)],
    ["a page of 1", list({ limit: 1 })],
    ["a page of 1,000", list({ limit: 1000 })],
    ["the prefix .", list({ prefix: "." })],
  ])("accept %s", async (_, call) => {
    expect(await refusalOf(call)).toBe("accepted");
  });

  it("take values of 25 MiB and no more, as bytes and as streams", async () => {
    const refusal = `Error: KV PUT failed: 413 Value length of ${25 * MEBIBYTE + 1} exceeds limit of ${25 * MEBIBYTE}.`;
    const largest = new Uint8Array(25 * MEBIBYTE);
    const tooLarge = new Uint8Array(25 * MEBIBYTE + 1);
    expect(await refusalOf(put("k", {}, largest))).toBe("accepted");
    expect(await refusalOf(put("k", {}, tooLarge))).toBe(refusal);
    expect(await refusalOf((kv) => kv.put("k", new Blob([largest]).stream(), {}))).toBe("accepted");
    expect(await refusalOf((kv) => kv.put("k", new Blob([tooLarge]).stream(), {}))).toBe(refusal);
  });

  it("cancel a stream that grows too long", async () => {
    let sent = 0;
    let isCancelled = false;
    const long = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1;
        if (sent > 30) controller.close();
        else controller.enqueue(new Uint8Array(MEBIBYTE));
      },
      cancel: () => {
        isCancelled = true;
      },
    });
    expect(await refusalOf((kv) => kv.put("k", long, {}))).toMatch("KV PUT failed: 413 Value length of");
    expect({ isCancelled, wasSentWhole: sent > 30 }).toEqual({ isCancelled: true, wasSentWhole: false });
  });

  it("take 25 MiB of values in a bulk read and no more", async () => {
    const { kv, write } = simulate();
    await kv.at("ams").put("half", new Uint8Array(12.5 * MEBIBYTE), {});
    await kv.at("ams").put("other half", new Uint8Array(12.5 * MEBIBYTE), {});
    await write("ams", "byte", "1");
    const read = (keys: readonly string[]) => kv.at("ams").getWithMetadata(keys, { type: "text" });
    expect((await read(["half", "other half"])).size).toBe(2);
    await expect(read(["half", "other half", "byte"])).rejects.toThrow(
      "KV GET_BULK failed: 413 Total size of request exceeds the limit of 25MB",
    );
  });

  it("leave what was there where a write is refused", async () => {
    const { clock, read, write } = simulate();
    await write("ams", "k", "old");
    clock.advance(1000);
    await expect(write("ams", "k", "new", { expirationTtl: 59 })).rejects.toThrow("Invalid expiration_ttl of 59");
    expect(await read("ams", "k")).toBe("old");
  });

  it("find nothing by half a surrogate pair in bulk reads and prefixes", async () => {
    const { kv, pages, write } = simulate();
    await write("ams", "\u{1f600}", "v");
    await write("ams", "\ufffd", "v");
    const found = await kv.at("ams").getWithMetadata(["\ud83d"], { type: "text" });
    expect([...found]).toEqual([["\ufffd\ufffd\ufffd", null]]);
    expect(await pages("ams", { prefix: "\ud83d" })).toEqual([[]]);
  });
});

function keysOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `k${index}`);
}
