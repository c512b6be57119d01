import { describe, expect, it } from "vitest";

import { type Case, changed, developmentValues, problemLike, problemsOf } from "./valid-configuration.ts";

const eventual = (more: Record<string, unknown> = {}) => ({
  consistency: "eventual",
  defaultTtlSeconds: 3600,
  ...more,
});
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${String(n)}`, eventual()]));
const TTL = "kvshift:namespaces.cache.defaultTtlSeconds";

const BROKEN: readonly Case[] = [
  [
    "no namespace at all",
    { namespaces: {} },
    "kvshift:namespaces",
    "an empty mapping",
    "add a namespace, such as cache",
  ],
  [
    "a name in upper case",
    { "namespaces.Files": eventual() },
    "kvshift:namespaces.Files",
    'the name "Files"',
    "rename the namespace",
  ],
  [
    "a name with an underscore",
    { "namespaces.my_files": eventual() },
    "kvshift:namespaces.my_files",
    'the name "my_files"',
    "rename the namespace",
  ],
  [
    "a name that starts with a digit",
    { "namespaces.1st": eventual() },
    "kvshift:namespaces.1st",
    'the name "1st"',
    "rename the namespace",
  ],
  [
    "the name that every object has, which the engine does not get over",
    { "namespaces.constructor": eventual() },
    "kvshift:namespaces.constructor",
    'the name "constructor"',
    "rename the namespace",
  ],
  [
    "an empty name",
    { namespaces: { "": eventual() } },
    'kvshift:namespaces[""]',
    'the name ""',
    "rename the namespace",
  ],
  [
    "a lifetime below 60 s on eventual",
    { "namespaces.cache.defaultTtlSeconds": 59 },
    TTL,
    "59",
    "raise defaultTtlSeconds to 60 or more",
  ],
  [
    "a default above the maximum",
    { "namespaces.cache.maxTtlSeconds": 3599 },
    TTL,
    "3600",
    "lower defaultTtlSeconds or raise maxTtlSeconds",
  ],
  [
    "a budget below the cache's lifetime",
    { "namespaces.cache.stalenessBudgetSeconds": 59 },
    "kvshift:namespaces.cache.stalenessBudgetSeconds",
    "59",
    "raise stalenessBudgetSeconds or lower cacheTtlSeconds",
  ],
  [
    "strong under access rest",
    { "namespaces.sessions.consistency": "strong" },
    "kvshift:namespaces.sessions.consistency",
    '"strong" under access: rest',
    "write access: gateway, or consistency: eventual",
  ],
  ["shards on eventual", { "namespaces.cache.shards": 4 }, "kvshift:namespaces.cache.shards", "4", "remove shards"],
];

/** Changes that make the environment one behind the gateway. */
const GATEWAY = { access: "gateway", "cloudflare.workersSubdomain": "brainbot" };

describe("rules about namespaces", () => {
  it.each(BROKEN)("refuse %s, and nothing else", (_title, changes, at, found, fix) => {
    expect(problemsOf(changed(developmentValues(), changes))).toEqual([problemLike(at, found, fix)]);
  });

  it("report a maximum below 60 s with the default above it", () => {
    const values = changed(developmentValues(), { "namespaces.cache.maxTtlSeconds": 59 });
    expect(
      problemsOf(values)
        .map(({ at }) => at)
        .toSorted(),
    ).toEqual([TTL, "kvshift:namespaces.cache.maxTtlSeconds"]);
  });

  it("refuse names that differ only in case", () => {
    const values = changed(developmentValues(), { "namespaces.Cache": eventual() });
    expect(problemsOf(values)).toContainEqual({
      at: "kvshift:namespaces.Cache",
      found: 'a name that differs from "cache" only in case',
      expected: "names that differ in letters or digits",
      fix: "rename one of the two namespaces",
    });
  });

  it("refuse names that become the same variable", () => {
    const values = changed(developmentValues(), {
      "namespaces.my-files": eventual(),
      "namespaces.my_files": eventual(),
    });
    expect(problemsOf(values)).toContainEqual({
      at: "kvshift:namespaces.my_files",
      found: 'a name that becomes the variable "CLOUDFLARE_KV_NAMESPACE_ID_MY_FILES", as "my-files" does',
      expected: "names that differ in letters or digits",
      fix: "rename one of the two namespaces",
    });
  });

  it("refuse cache keys on strong, where no read is stale", () => {
    const values = changed(developmentValues(), { ...GATEWAY, "namespaces.cache.consistency": "strong" });
    expect(problemsOf(values)).toMatchObject([
      { at: "kvshift:namespaces.cache.cacheTtlSeconds", fix: "remove cacheTtlSeconds" },
      { at: "kvshift:namespaces.cache.stalenessBudgetSeconds", fix: "remove stalenessBudgetSeconds" },
    ]);
  });

  it("take a lifetime of 60 s, a maximum equal to the default and a cache of 30 s", () => {
    const least = { defaultTtlSeconds: 60, maxTtlSeconds: 60, cacheTtlSeconds: 30, stalenessBudgetSeconds: 30 };
    expect(problemsOf(changed(developmentValues(), { "namespaces.cache": eventual(least) }))).toEqual([]);
  });

  it.each([1, 16, 256])(
    "take a strong namespace behind the gateway, with lifetimes from 1 s and %i shards",
    (shards) => {
      const locks = { consistency: "strong", shards, defaultTtlSeconds: 1, maxTtlSeconds: 1 };
      expect(problemsOf(changed(developmentValues(), { ...GATEWAY, "namespaces.locks": locks }))).toEqual([]);
    },
  );

  it.each([0, 257, 1.5])("refuse %d shards", (shards) => {
    const locks = { consistency: "strong", shards, defaultTtlSeconds: 1 };
    expect(problemsOf(changed(developmentValues(), { ...GATEWAY, "namespaces.locks": locks }))).toMatchObject([
      { at: "kvshift:namespaces.locks.shards", expected: "a whole number from 1 to 256" },
    ]);
  });

  it("refuse a lifetime below 60 s on eventual behind the gateway, too", () => {
    const values = changed(developmentValues(), { ...GATEWAY, "namespaces.cache.defaultTtlSeconds": 59 });
    expect(problemsOf(values)).toMatchObject([{ at: TTL }]);
  });

  it("take a title of 512 characters and refuse one of 513", () => {
    const longest = "n".repeat(512 - "brainbot-dev-".length);
    expect(problemsOf(changed(developmentValues(), { [`namespaces.${longest}`]: eventual() }))).toEqual([]);
    expect(problemsOf(changed(developmentValues(), { [`namespaces.${longest}n`]: eventual() }))).toMatchObject([
      { found: "a title of 513 characters", fix: "shorten the namespace's name" },
    ]);
  });

  it("take 1000 namespaces and refuse 1001", () => {
    expect(problemsOf(changed(developmentValues(), { namespaces: many(1000) }))).toEqual([]);
    expect(problemsOf(changed(developmentValues(), { namespaces: many(1001) }))).toMatchObject([
      { at: "kvshift:namespaces", found: "1001 namespaces", fix: /^remove namespaces/ },
    ]);
  });

  it("tell two long names apart that begin alike", () => {
    const start = "n".repeat(100);
    const values = changed(developmentValues(), {
      [`namespaces.${start}a`]: { consistency: "eventual" },
      [`namespaces.${start}b`]: { consistency: "eventual" },
    });
    expect(problemsOf(values)).toHaveLength(2);
  });

  it("treat names of JavaScript's own properties as names", () => {
    const values = changed(developmentValues(), { "namespaces.constructor": "eventual" });
    // The name and what stands there, and nothing of a property that the mapping inherits.
    expect(problemsOf(values).map(({ at }) => at)).toEqual(expect.arrayContaining(["kvshift:namespaces.constructor"]));
    expect(problemsOf(developmentValues())).toEqual([]);
    const inherited: Record<string, unknown> = { ...developmentValues(), namespaces: JSON.parse('{"__proto__":{}}') };
    expect(problemsOf(inherited)).toContainEqual(expect.objectContaining({ at: "kvshift:namespaces.__proto__" }));
  });
});
