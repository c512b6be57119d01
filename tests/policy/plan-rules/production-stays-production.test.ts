import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/plan-rules/production-stays-production.ts";
import { planView } from "../../../src/policy/plan.ts";
import { step, urnOf } from "../planned.ts";

const PRODUCTION = { kind: "production", app: "brainbot", accountId: "9b7d" };
const urn = urnOf("environment", "prod");

function check(before: Record<string, string> | undefined, after: Record<string, string> | undefined) {
  const changes = [step("update", "environment", "prod", before, after)];
  return rule.check(planView({ changes, outputs: [] }));
}

describe("production-stays-production", () => {
  it.each(["development", "preview"])("reports a production that becomes %s", (kind) => {
    expect(check(PRODUCTION, { ...PRODUCTION, kind })).toEqual([{ message: "The environment changes its kind.", urn }]);
  });

  it("holds for a promotion, and for an environment that is new, goes, or stays what it is", () => {
    expect(check({ ...PRODUCTION, kind: "development" }, PRODUCTION)).toEqual([]);
    expect(check(undefined, PRODUCTION)).toEqual([]);
    expect(check(PRODUCTION, undefined)).toEqual([]);
    expect(check(PRODUCTION, { ...PRODUCTION, phase: "kv" })).toEqual([]);
  });

  it("reports another app and another account in every kind", () => {
    const development = { ...PRODUCTION, kind: "development" };
    expect(check(development, { ...development, app: "other", accountId: "0d3a" })).toEqual([
      { message: "The environment changes its app.", urn },
      { message: "The environment changes its accountId.", urn },
    ]);
  });
});
