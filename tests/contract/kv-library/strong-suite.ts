import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Kv, KvError } from "../../../src/kv/index.ts";
import { sessionsIn } from "../../../src/kv/sessions/index.ts";

export interface StrongStage extends AsyncDisposable {
  /** With the strong namespace `sessions` and the eventual one `cache`. */
  readonly kv: Kv;
  /** The answer of the next call is lost after it was done. */
  readonly loseAnswer: () => void;
}

/** What the library promises on a strong namespace alone. */
export function describeStrongLibrary(name: string, open: () => Promise<StrongStage>): void {
  describe(`a strong namespace on ${name}`, () => {
    let stage: StrongStage;
    beforeAll(async () => {
      stage = await open();
    });
    afterAll(() => stage[Symbol.asyncDispose]());

    it("writes where there is nothing, and where nothing has changed", async () => {
      const kv = stage.kv.strong<string>("sessions");
      const first = await kv.putIfAbsent("lock", "me", { ttlSeconds: 60, metadata: { by: 1 } });
      expect(first.applied).toBe(true);
      expect(await kv.putIfAbsent("lock", "you")).toMatchObject({ applied: false });
      const entry = await kv.getEntry("lock");
      expect(entry).toMatchObject({ value: "me", metadata: { by: 1 }, version: first.version });
      const second = await kv.putIfUnchanged("lock", "mine again", entry?.version ?? "");
      expect(second.applied).toBe(true);
      expect(await kv.putIfUnchanged("lock", "late", entry?.version ?? "")).toMatchObject({ applied: false });
      expect(await kv.get("lock")).toBe("mine again");
    });

    it("counts what many add at once", async () => {
      const kv = stage.kv.strong<number>("sessions");
      const totals = await Promise.all(Array.from({ length: 20 }, () => kv.increment("count")));
      expect(totals.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      expect(await kv.increment("count", -5)).toBe(15);
      expect(await kv.get("count")).toBe(15);
      await kv.put("word", "no number" as never);
      await expect(kv.increment("word")).rejects.toMatchObject({ code: "REFUSED" });
    });

    it("hands a value out to one caller alone", async () => {
      const kv = stage.kv.strong<string>("sessions");
      await kv.put("ticket", "yours");
      const found = await Promise.all(Array.from({ length: 5 }, () => kv.getAndDelete("ticket")));
      expect(found.filter((entry) => entry !== undefined).map(({ value }) => value)).toEqual(["yours"]);
      expect(await kv.get("ticket")).toBeUndefined();
    });

    it("changes when a pair ends, and nothing else", async () => {
      const kv = stage.kv.strong<string>("sessions");
      await kv.put("touched", "x", { metadata: { kept: true } });
      expect(await kv.touch("touched", { ttlSeconds: 1000 })).toBe(true);
      expect(await kv.getEntry("touched")).toMatchObject({ value: "x", metadata: { kept: true } });
      expect(await kv.touch("never there")).toBe(false);
    });

    it("does nothing twice where an answer is lost", async () => {
      const kv = stage.kv.strong<number>("sessions");
      stage.loseAnswer();
      expect(await kv.increment("once")).toBe(1);
      stage.loseAnswer();
      expect(await kv.putIfAbsent("once more", 1)).toMatchObject({ applied: true });
      stage.loseAnswer();
      expect(await kv.getAndDelete("once more")).toMatchObject({ value: 1 });
    });

    it("has sessions that stay dead in every process, and lose no field of requests at once", async () => {
      const [one, two] = [sessionsIn(stage.kv.strong("sessions")), sessionsIn(stage.kv.strong("sessions"))];
      await one.save("id", { user: "ada" }, 600);
      const bases = await Promise.all(
        Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? one : two).load("id")),
      );
      await Promise.all(
        bases.map((base, index) =>
          (index % 2 === 0 ? two : one).save("id", { ...base?.data, [`field ${String(index)}`]: index }, 600, base),
        ),
      );
      const { user, ...fields } = { ...(await one.load("id"))?.data };
      expect([user, Object.keys(fields).length]).toEqual(["ada", 10]);
      const late = await two.load("id");
      await one.destroy("id");
      expect(await two.save("id", { user: "eve" }, 600, late)).toBeUndefined();
      await two.touch("id", 600);
      expect(await two.save("id", { user: "eve" }, 600)).toBeUndefined();
      expect(await one.load("id")).toBeUndefined();
    });

    it("is refused to an eventual namespace, with the reason", async () => {
      const refusal = () => stage.kv.strong("cache");
      expect(refusal).toThrow(KvError);
      expect(refusal).toThrow(/eventual: it has no atomic operations/);
      expect(() => stage.kv.namespace("none")).toThrow(/no namespace none; there are sessions, cache/);
    });
  });
}
