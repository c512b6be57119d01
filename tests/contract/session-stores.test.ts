import { MemoryStore } from "express-session";
import { describe, expect, it } from "vitest";

import { KvStore } from "../../src/kv/sessions/express.ts";
import { type ConformingStore, sessionStoreCases } from "../../src/kv/testing/index.ts";
import { memoryKv } from "../support/memory-kv.ts";

const strongStore = () => new KvStore({ namespace: memoryKv().kv.namespace("sessions") });

describe("the session store on a strong namespace", () => {
  it.each(sessionStoreCases)("$title", async ({ run }) => {
    await expect(run(strongStore())).resolves.toBeUndefined();
  });
});

describe("the session store on an eventual namespace of one location", () => {
  // What it cannot do, and says so: of two requests at once the later one wins where neither sees the other.
  const beyond = "keeps the fields of two requests at once that change different ones";

  it.each(sessionStoreCases.filter(({ title }) => title !== beyond))("$title", async ({ run }) => {
    const namespace = memoryKv().kv.namespace("cache");
    await expect(run(new KvStore({ namespace, acceptStaleLogout: true }))).resolves.toBeUndefined();
  });

  it("is refused where nobody said that a logout may be late", () => {
    expect(() => new KvStore({ namespace: memoryKv().kv.namespace("cache") })).toThrow(
      expect.objectContaining({ code: "NOT_STRONG" }),
    );
  });
});

describe("the memory store of express-session", () => {
  it("passes the conformance suite but where requests meet", async () => {
    expect(await failuresOf(() => new MemoryStore() as ConformingStore)).toEqual([
      "does not bring a destroyed session back where a request that had loaded it ends later",
      "keeps the fields of two requests at once that change different ones",
      "keeps a field deleted that one request deleted while another one changed the rest",
      "keeps what one request added while another one, which began before, stores twice",
    ]);
  });
});

async function failuresOf(make: () => ConformingStore): Promise<string[]> {
  const failed: string[] = [];
  for (const { title, run } of sessionStoreCases) await run(make()).catch(() => failed.push(title));
  return failed;
}
