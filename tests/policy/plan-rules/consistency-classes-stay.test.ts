import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/plan-rules/consistency-classes-stay.ts";
import { check, step, urnOf } from "../planned.ts";

function change(before: Record<string, string>, after: Record<string, string>) {
  return step("update", "namespaces", "dev", { consistency: before }, { consistency: after });
}

describe("consistency-classes-stay", () => {
  it("holds where classes stay and namespaces come and go", () => {
    const plan = change({ sessions: "eventual", old: "strong" }, { sessions: "eventual", orders: "strong" });
    expect(check(rule, "production", plan)).toEqual([]);
  });

  it.each(["development", "preview", "production"])("reports each namespace that changes its class in %s", (kind) => {
    const plan = change({ a: "eventual", b: "strong", c: "strong" }, { a: "strong", b: "eventual", c: "strong" });
    const urn = urnOf("namespaces", "dev");
    expect(check(rule, kind, plan)).toEqual([
      { message: "Namespace a changes its consistency class.", urn },
      { message: "Namespace b changes its consistency class.", urn },
    ]);
  });

  it("holds where no class was recorded before, and where the component is new or goes", () => {
    const wanted = { consistency: { a: "strong" } };
    expect(check(rule, "development", step("update", "namespaces", "dev", {}, wanted))).toEqual([]);
    expect(check(rule, "development", step("create", "namespaces", "dev", undefined, wanted))).toEqual([]);
    expect(check(rule, "development", step("delete", "namespaces", "dev", wanted, undefined))).toEqual([]);
  });
});
