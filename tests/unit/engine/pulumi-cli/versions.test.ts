import { SemVer } from "semver";
import { describe, expect, it } from "vitest";

import { BUILT_VERSION, isUsable } from "../../../../src/engine/pulumi-cli/versions.ts";

describe("isUsable", () => {
  it.each(["3.249.0", "3.249.1", "3.270.0", "4.0.0"])("holds for %s", (version) => {
    expect(isUsable(new SemVer(version))).toBe(true);
  });

  it.each(["3.248.9", "3.249.0-alpha.1", "2.999.0"])("does not hold for %s", (version) => {
    expect(isUsable(new SemVer(version))).toBe(false);
  });

  it("does not hold for a CLI that names no version", () => {
    expect(isUsable(null)).toBe(false);
  });

  it("holds for the version that kvshift builds", () => {
    expect(isUsable(BUILT_VERSION)).toBe(true);
  });
});
