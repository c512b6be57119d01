import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/state-rules/production-data-is-kept.ts";
import { CONFIG, stateChanging, stateWith, urnOf } from "../recorded-state.ts";

const CASES = [
  ["namespace", "sessions"],
  ["worker", "gateway"],
] as const;

describe("production-data-is-kept", () => {
  it("holds where namespaces and Workers are protected and retained", () => {
    expect(rule.check(stateWith())).toEqual([]);
  });

  it.each(CASES)("reports a %s of production that is not protected, or not retained", (type, name) => {
    const urn = urnOf(type, name);
    expect(rule.check(stateChanging(type, name, { protect: false }))).toEqual([
      { message: `Resource ${name} is not protected.`, urn },
    ]);
    expect(rule.check(stateChanging(type, name, { retainOnDelete: false }))).toEqual([
      { message: `Resource ${name} is not retained.`, urn },
    ]);
  });

  it.each(["development", "preview"] as const)("lets the data of a %s go", (kind) => {
    const state = stateChanging("namespace", "sessions", { protect: false, retainOnDelete: false });
    expect(rule.check({ ...state, config: { ...CONFIG, kind } })).toEqual([]);
  });

  it("asks nothing of a copy that waits for its deletion", () => {
    expect(rule.check(stateChanging("worker", "gateway", { protect: false, isCurrent: false }))).toEqual([]);
  });
});
