import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/plan-rules/production-workers-stay.ts";
import { planView } from "../../../src/policy/plan.ts";
import { check, environment, step, urnOf } from "../planned.ts";

const INPUTS = { accountId: "a".repeat(32), name: "brainbot-prod" };
const deletion = step("delete", "worker", "gateway", INPUTS, undefined);
const BROKEN = [{ message: "Worker gateway is deleted or replaced.", urn: urnOf("worker", "gateway") }];

describe("production-workers-stay", () => {
  it.each(["same", "create", "update", "import", "refresh", "read"])(
    "lets a Worker of production be in step %s",
    (op) => {
      expect(check(rule, "production", step(op, "worker", "gateway", INPUTS, INPUTS))).toEqual([]);
    },
  );

  it("reports a Worker of production that is deleted", () => {
    expect(check(rule, "production", deletion)).toEqual(BROKEN);
  });

  it("reports a replacement once, whatever its steps", () => {
    const steps = ["create-replacement", "replace", "delete-replaced"].map((op) =>
      step(op, "worker", "gateway", INPUTS, INPUTS),
    );
    expect(check(rule, "production", ...steps)).toEqual(BROKEN);
    for (const one of steps) expect(check(rule, "production", one)).toEqual(BROKEN);
  });

  it.each(["development", "preview"])("lets a Worker of a %s go", (kind) => {
    expect(check(rule, kind, deletion)).toEqual([]);
  });

  it.each([
    ["production", "development"],
    ["development", "production"],
  ])("is not got round by a change of kind from %s to %s", (before, after) => {
    expect(rule.check(planView({ changes: [environment(before, after), deletion], outputs: [] }))).toEqual(BROKEN);
  });

  it.each([
    ["says nothing of its kind", []],
    ["says something else", [environment("staging")]],
  ])("counts a plan as production that %s", (_, changes) => {
    expect(rule.check(planView({ changes: [...changes, deletion], outputs: [] }))).toEqual(BROKEN);
  });

  it("lets other resources be replaced", () => {
    const version = step("replace", "workerVersion", "gateway", {}, {});
    expect(check(rule, "production", version, step("delete", "namespace", "cache", {}, undefined))).toEqual([]);
  });
});
