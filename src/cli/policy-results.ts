import { adviceLines, violationLines } from "../engine/engine-error.ts";
import type { PolicyFinding } from "../engine/engine-report.ts";
import { ALL_RULES, type ListedRule } from "../policy/rules.ts";
import { type RuleViolation, violationLine } from "../policy/verdict.ts";

/** How one rule judges what is provisioned. */
export interface RuleResult extends Pick<ListedRule, "name" | "checked" | "level"> {
  /** `not checked`: the rule is about changes, and nothing changes here. */
  readonly result: "holds" | "broken" | "warning" | "not checked";
  /** Where it does not hold, with the fix. */
  readonly findings: readonly string[];
}

/** Every rule with its result, in the order of docs/policy.md. */
export function policyResults(pack: readonly PolicyFinding[], state: readonly RuleViolation[]): readonly RuleResult[] {
  return ALL_RULES.map(({ name, checked, level }) => {
    const policies = pack.filter(({ policy }) => policy === name);
    const broken = [
      ...violationLines({ policies }, "update"),
      ...state.filter(({ rule }) => rule === name).map(violationLine),
    ];
    const advice = adviceLines({ policies });
    const result =
      broken.length > 0 ? "broken" : advice.length > 0 ? "warning" : checked === "plan" ? "not checked" : "holds";
    return { name, checked, level, result, findings: [...broken, ...advice] };
  });
}
