import { resolve } from "node:path";

import { describe, expect, it } from "vitest";

import { cacheFolder, cliRoot } from "../../../../src/engine/pulumi-cli/cache-folder.ts";

const HOME = "/home/ada";

describe("cacheFolder", () => {
  it.each([
    ["linux", "/home/ada/.cache/kvshift"],
    ["darwin", "/home/ada/Library/Caches/kvshift"],
  ] as const)("is where caches of a user are on %s", (platform, folder) => {
    expect(cacheFolder({ HOME }, platform)).toBe(folder);
  });

  it("follows XDG_CACHE_HOME, unless that is relative or empty", () => {
    const of = (XDG_CACHE_HOME: string) => cacheFolder({ HOME, XDG_CACHE_HOME }, "linux");
    expect([of("/caches"), of("caches"), of("")]).toEqual([
      "/caches/kvshift",
      "/home/ada/.cache/kvshift",
      "/home/ada/.cache/kvshift",
    ]);
  });

  it("is KVSHIFT_CACHE_DIR before all, as an absolute folder: the build runs elsewhere", () => {
    const env = { HOME, XDG_CACHE_HOME: "/caches" };
    expect(cacheFolder({ ...env, KVSHIFT_CACHE_DIR: "/ours" }, "darwin")).toBe("/ours");
    expect(cacheFolder({ ...env, KVSHIFT_CACHE_DIR: "near" }, "linux")).toBe(resolve("near"));
  });
});

describe("cliRoot", () => {
  it("gives each version a folder of its own", () => {
    expect(cliRoot("/cache", "3.259.0")).toBe("/cache/pulumi/v3.259.0");
  });
});
