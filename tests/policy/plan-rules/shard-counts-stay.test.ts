import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/plan-rules/shard-counts-stay.ts";
import { check, step, urnOf } from "../planned.ts";

function change(before: Record<string, number>, after: Record<string, number>) {
  return step("update", "namespaces", "dev", { shards: before }, { shards: after });
}

describe("shard-counts-stay", () => {
  it("holds where numbers stay and strong namespaces come and go", () => {
    expect(check(rule, "production", change({ sessions: 16, old: 4 }, { sessions: 16, locks: 1 }))).toEqual([]);
  });

  it.each(["development", "preview", "production"])("reports each namespace that changes its number in %s", (kind) => {
    const urn = urnOf("namespaces", "dev");
    expect(check(rule, kind, change({ a: 16, b: 4, c: 1 }, { a: 32, b: 4, c: 2 }))).toEqual([
      { message: "Namespace a changes its number of shards.", urn },
      { message: "Namespace c changes its number of shards.", urn },
    ]);
  });

  it("holds where no number was recorded before, and where the component is new or goes", () => {
    const wanted = { shards: { a: 16 } };
    expect(check(rule, "development", step("update", "namespaces", "dev", {}, wanted))).toEqual([]);
    expect(check(rule, "development", step("create", "namespaces", "dev", undefined, wanted))).toEqual([]);
    expect(check(rule, "development", step("delete", "namespaces", "dev", wanted, undefined))).toEqual([]);
  });
});
