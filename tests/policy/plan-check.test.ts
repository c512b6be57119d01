import { describe, expect, it } from "vitest";

import { PLAN_RULES, checkPlan } from "../../src/policy/rules.ts";
import { violationLine } from "../../src/policy/verdict.ts";
import { environment, step, urnOf } from "./planned.ts";

const PLAN = { changes: [environment("production"), step("delete", "worker", "gateway", {}, undefined)], outputs: [] };

describe("checkPlan", () => {
  it("names the rule that a change breaks, and the fix", () => {
    expect(checkPlan(PLAN)).toEqual([
      {
        rule: "production-workers-stay",
        message: "Worker gateway is deleted or replaced.",
        urn: urnOf("worker", "gateway"),
        fix: PLAN_RULES.find(({ name }) => name === "production-workers-stay")?.fix,
      },
    ]);
  });

  it("judges by the rules that it is given", () => {
    expect(checkPlan(PLAN, [])).toEqual([]);
  });

  it("finds nothing in a plan without changes", () => {
    expect(checkPlan({ changes: [environment("production")], outputs: [] })).toEqual([]);
  });
});

describe("violationLine", () => {
  it("has the form of the pack's findings", () => {
    const violation = { rule: "a-rule", message: "It is broken.", fix: "Mend it." };
    expect(violationLine({ ...violation, urn: "urn:pulumi:dev::kvshift::type::gateway" })).toBe(
      "a-rule (gateway): It is broken.\nFix: Mend it.",
    );
    expect(violationLine(violation)).toBe("a-rule: It is broken.\nFix: Mend it.");
  });
});
