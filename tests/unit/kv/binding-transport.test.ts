import { describe, expect, it } from "vitest";

import { kvFromBindings } from "../../../src/kv/index.ts";

const never = () => new Promise<never>(() => undefined);
const silent = { getWithMetadata: never, put: never, delete: never, list: never };

describe("a call of a binding that does not answer", () => {
  const cache = kvFromBindings({ cache: { binding: silent, defaultTtlSeconds: 3600 } }).namespace("cache");

  it("ends at the deadline of whoever waits for it", async () => {
    const late = { code: "DEADLINE_EXCEEDED", isOutcomeUnknown: true };
    await expect(cache.get("a", { deadlineMs: 1 })).rejects.toMatchObject(late);
    await expect(cache.getMany(["a", "b"], { deadlineMs: 1 })).rejects.toMatchObject(late);
    await expect(cache.put("a", 1, { deadlineMs: 1 })).rejects.toMatchObject(late);
    await expect(cache.putMany([["a", 1]], { deadlineMs: 1 })).rejects.toMatchObject(late);
    await expect(cache.delete("a", { deadlineMs: 1 })).rejects.toMatchObject(late);
    await expect(cache.list({ deadlineMs: 1 }).next()).rejects.toMatchObject(late);
  });

  it("ends where the caller's signal does, and is not begun after it", async () => {
    const giveUp = new AbortController();
    const read = cache.get("a", { signal: giveUp.signal });
    giveUp.abort();
    await expect(read).rejects.toMatchObject({ code: "ABORTED" });
    const write = cache.put("a", 1, { signal: giveUp.signal });
    await expect(write).rejects.toMatchObject({ code: "ABORTED", isOutcomeUnknown: false });
  });
});
