import { describe, expect, it } from "vitest";

import {
  asSet,
  covers,
  differenceBy,
  missing,
  type PropertyRules,
  sameBy,
  settle,
} from "../../../../local-cloud/plugins/rules.ts";
import { UNKNOWN } from "./scripted-vendor.ts";

const RULES: PropertyRules = {
  account: { required: true, replaces: true },
  title: { required: true },
  flags: { computed: true, same: sameBy(asSet) },
  settings: { computed: true, same: covers },
  expiry: {},
};

const state = {
  account: "a",
  title: "t",
  flags: ["x", "y"],
  settings: { on: true, level: 1 },
  expiry: "2027",
  id: "1",
};

describe("differenceBy", () => {
  it("finds nothing where inputs say what the state says, in their own words", () => {
    const inputs = { account: "a", title: "t", flags: ["y", "x"], settings: { on: true }, expiry: "2027" };
    expect(differenceBy(RULES, state, inputs)).toEqual({ changed: [], replaces: [] });
  });

  it("keeps what the vendor computed, and takes away what only the program sets", () => {
    expect(differenceBy(RULES, state, { account: "a", title: "t" })).toEqual({ changed: ["expiry"], replaces: [] });
  });

  it("tells replacements from updates", () => {
    const inputs = { account: "b", title: "u", expiry: "2027" };
    expect(differenceBy(RULES, state, inputs)).toEqual({ changed: ["account", "title"], replaces: ["account"] });
  });

  it("counts values that are not known yet as changed", () => {
    const inputs = { account: UNKNOWN, title: "t", flags: UNKNOWN, settings: { on: UNKNOWN }, expiry: "2027" };
    expect(differenceBy(RULES, state, inputs)).toEqual({
      changed: ["account", "flags", "settings"],
      replaces: ["account"],
    });
  });
});

describe("settle", () => {
  it("keeps the words of the program where the vendor means the same, and the vendor's otherwise", () => {
    const observed = { account: "a", title: "renamed", flags: ["x", "y"], settings: { on: true, level: 1 } };
    expect(settle(RULES, { account: "a", title: "t", flags: ["y", "x"] }, observed)).toEqual({
      ...observed,
      flags: ["y", "x"],
    });
  });
});

describe("missing", () => {
  it("names every required property that is absent or empty, and accepts what is not known yet", () => {
    const reason = "Missing required argument.";
    expect(missing(RULES, { title: "" })).toEqual([
      { property: "account", reason },
      { property: "title", reason },
    ]);
    expect(missing(RULES, { account: UNKNOWN, title: UNKNOWN })).toEqual([]);
  });
});
