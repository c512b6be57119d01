import { describe, expect, it } from "vitest";

import { versionOf } from "../../../../local-cloud/redis/redis-program.ts";

describe("versionOf", () => {
  it.each([
    ["Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=a97b1aaed00a3d06\n", "7.0.15"],
    ["Redis server v=6.2.5 sha=00000000:0 malloc=jemalloc-5.1.0 bits=64 build=135cf79b58e84c2a", "6.2.5"],
    ["Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0", "8.1.1"],
    ["Redis server version 2.4.1 (00000000:0)", undefined],
    ["", undefined],
  ])("reads of %j the version %s", (line, version) => {
    expect(versionOf(line)).toBe(version);
  });
});
