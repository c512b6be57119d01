import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { bytes, type Kv, KvError, type KvNamespace, type ListedEntry, text } from "../../../src/kv/index.ts";

/** A namespace that the library reaches one way or another. */
export interface LibraryStage extends AsyncDisposable {
  readonly kv: Kv;
  /** The namespace under test. */
  readonly namespace: string;
  /** Milliseconds since the epoch, by the library's clock. */
  now(): number;
  /** Where the clock is a test's: goes on. */
  readonly advance?: (milliseconds: number) => void;
  /** Until writes are seen everywhere; nothing where they are at once. */
  readonly settle?: () => void;
}

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "no error",
    (error: unknown) => (error instanceof KvError ? error.code : String(error)),
  );

async function listed<Value>(kv: KvNamespace<Value>, prefix?: string): Promise<ListedEntry[]> {
  const found: ListedEntry[] = [];
  for await (const entry of kv.list(prefix === undefined ? {} : { prefix })) found.push(entry);
  return found;
}

/** What the library promises on every namespace, however it is reached. */
export function describeKvLibrary(name: string, open: () => Promise<LibraryStage>): void {
  describe(`the library on ${name}`, () => {
    let stage: LibraryStage;
    let keys = 0;
    /** A key that nobody has asked for. */
    const fresh = (): string => {
      keys += 1;
      return `key ${String(keys)} / ü?#%`;
    };
    const settle = () => stage.settle?.();

    beforeAll(async () => {
      stage = await open();
    });
    afterAll(() => stage[Symbol.asyncDispose]());

    it("gives back JSON as it was, with its metadata, and nothing for what is not there", async () => {
      const kv = stage.kv.namespace(stage.namespace);
      const key = fresh();
      const value = { name: "Ада", list: [1, null, { deep: true }], text: "\u0000 \u2028 😀" };
      await kv.put(key, value, { metadata: { tag: "ü" } });
      settle();
      expect(await kv.get(key)).toEqual(value);
      expect(await kv.getEntry(key)).toMatchObject({ value, metadata: { tag: "ü" } });
      expect(await kv.get(fresh())).toBeUndefined();
    });

    it("gives back bytes and text as they were, also of length nothing", async () => {
      const all = Uint8Array.from({ length: 256 }, (_, index) => index);
      const raw = stage.kv.namespace(stage.namespace, { codec: bytes() });
      const plain = stage.kv.namespace(stage.namespace, { codec: text() });
      const names = [fresh(), fresh(), fresh()] as const;
      await raw.put(names[0], all);
      await raw.put(names[1], new Uint8Array());
      await plain.put(names[2], "\r\n--x");
      settle();
      expect(await raw.get(names[0])).toEqual(all);
      expect(await raw.get(names[1])).toEqual(new Uint8Array());
      expect(await plain.get(names[2])).toBe("\r\n--x");
      expect([...(await raw.getMany([names[1], names[0], fresh()])).keys()]).toEqual([names[1], names[0]]);
    });

    it("reads many at once, in the order that was asked for, and joins reads of one tick", async () => {
      const kv = stage.kv.namespace<number>(stage.namespace);
      const names = Array.from({ length: 130 }, fresh);
      await kv.putMany(names.map((key, index) => [key, index] as const));
      settle();
      const asked = [...names.toReversed(), fresh()];
      expect([...(await kv.getMany(asked)).values()]).toEqual(names.map((_, index) => index).toReversed());
      const single = await Promise.all(
        [names[7] ?? "", names[8] ?? "", fresh(), names[7] ?? ""].map((key) => kv.get(key)),
      );
      expect(single).toEqual([7, 8, undefined, 7]);
    });

    it("deletes one and many, and what was never there", async () => {
      const kv = stage.kv.namespace<string>(stage.namespace);
      const names = [fresh(), fresh(), fresh()];
      await kv.putMany(names.map((key) => [key, "x"] as const));
      stage.advance?.(2000);
      await kv.delete(names[0] ?? "");
      await kv.deleteMany([...names.slice(1), fresh()]);
      await kv.delete(fresh());
      settle();
      expect((await kv.getMany(names)).size).toBe(0);
    });

    it("lists what is there by prefix, page by page, with the application's own metadata", async () => {
      const kv = stage.kv.namespace<number>(stage.namespace);
      const prefix = `${fresh()}:`;
      const names = Array.from({ length: 1020 }, (_, index) => `${prefix}${String(index).padStart(4, "0")}`);
      await kv.putMany(
        names.map((key) => [key, 1] as const),
        { metadata: { made: 1 } },
      );
      settle();
      const found = await listed(kv, prefix);
      expect(found.map(({ key }) => key)).toEqual(names);
      expect(found[0]?.metadata).toEqual({ made: 1 });
      expect(found[0]?.expiresAt).toBeGreaterThan(stage.now());
    });

    it("refuses what it cannot keep, and writes nothing", async () => {
      const kv = stage.kv.namespace(stage.namespace);
      const key = fresh();
      const codes = await Promise.all([
        codeOf(kv.put("", 1)),
        codeOf(kv.put("kvshift:x", 1)),
        codeOf(kv.put("k".repeat(513), 1)),
        codeOf(kv.put(key, undefined)),
        codeOf(kv.put(key, { at: new Date() })),
        codeOf(kv.put(key, 1n)),
        codeOf(kv.put(key, [Number.NaN])),
        codeOf(kv.put(key, "\ud800")),
        codeOf(kv.put(key, 1, { metadata: "m".repeat(1024) })),
        codeOf(kv.put(key, 1, { ttlSeconds: 0 })),
        codeOf(kv.put(key, 1, { ttlSeconds: 60.5 })),
        codeOf(kv.put(key, 1, { ttlSeconds: 100, expiresAt: new Date(stage.now() + 100_000) })),
        codeOf(
          kv.putMany([
            [key, 1],
            [fresh(), 1n],
          ]),
        ),
      ]);
      expect(codes).toEqual([
        "KEY_INVALID",
        "KEY_INVALID",
        "KEY_INVALID",
        "VALUE_NOT_ENCODABLE",
        "VALUE_NOT_ENCODABLE",
        "VALUE_NOT_ENCODABLE",
        "VALUE_NOT_ENCODABLE",
        "VALUE_NOT_ENCODABLE",
        "METADATA_TOO_LARGE",
        "EXPIRY_UNSUPPORTED",
        "EXPIRY_UNSUPPORTED",
        "EXPIRY_UNSUPPORTED",
        "VALUE_NOT_ENCODABLE",
      ]);
      expect(await kv.get(key)).toBeUndefined();
    });

    it("packs values, which another reader of the namespace unpacks", async () => {
      const kv = stage.kv.namespace<string>(stage.namespace, { packFromBytes: 1000 });
      const [small, large] = [fresh(), fresh()];
      await kv.put(small, "x");
      await kv.put(large, "x".repeat(100_000));
      settle();
      expect(await kv.getEntry(large)).toMatchObject({ value: "x".repeat(100_000) });
      // Of the value, not of what is stored: caches count by it.
      expect((await kv.getEntry(large))?.size).toBe(100_002);
      const reader = stage.kv.namespace<string>(stage.namespace, { packFromBytes: Infinity });
      expect([...(await reader.getMany([small, large])).values()]).toEqual(["x", "x".repeat(100_000)]);
    });
  });
}

/** What it promises where the clock is the test's. */
export function describeExactEnds(
  name: string,
  open: () => Promise<LibraryStage & Required<Pick<LibraryStage, "advance">>>,
): void {
  describe(`ends on ${name}`, () => {
    it("come at their time, in a list and in a bulk read too", async () => {
      await using stage = await open();
      const kv = stage.kv.namespace<string>(stage.namespace);
      const expiresAt = new Date(stage.now() + 90_500);
      await kv.put("a", "x", { expiresAt });
      await kv.put("b", "y", { ttlSeconds: 600 });
      stage.settle?.();
      stage.advance(expiresAt.getTime() - stage.now() - 1);
      expect(await kv.get("a")).toBe("x");
      // A strong namespace keeps it to the end of that second.
      stage.advance(kv.consistency === "strong" ? 501 : 1);
      expect(await kv.get("a")).toBeUndefined();
      expect([...(await kv.getMany(["a", "b"])).keys()]).toEqual(["b"]);
      expect((await listed(kv)).map(({ key }) => key)).toEqual(["b"]);
    });
  });
}
