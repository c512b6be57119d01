import { describe, expect, it } from "vitest";

import { readNamespaces } from "../../../../src/flows/init/flags.ts";

describe("readNamespaces", () => {
  it("reads name, class and lifetime, which is an hour where it is left out", () => {
    expect(readNamespaces(["sessions:eventual:86400", "locks:strong"])).toEqual([
      { name: "sessions", consistency: "eventual", defaultTtlSeconds: 86400 },
      { name: "locks", consistency: "strong", defaultTtlSeconds: 3600 },
    ]);
  });

  it.each([
    "sessions",
    "sessions:",
    ":eventual",
    "sessions:weak",
    "sessions:eventual:",
    "sessions:eventual:1h",
    "a:b:1:2",
    "",
  ])("says of %j how a namespace is written", (flag) => {
    expect(readNamespaces(["cache:eventual", flag])).toBe(
      `${JSON.stringify(flag)} is not <name>:<class>[:<ttl>], such as sessions:eventual:86400`,
    );
  });

  it("refuses a name that stands twice", () => {
    expect(readNamespaces(["cache:eventual", "cache:eventual:60"])).toBe('the namespace "cache" stands twice');
  });
});
