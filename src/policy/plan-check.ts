import { type Plan, type PlanRule, planView } from "./plan.ts";
import { PLAN_RULES } from "./rules.ts";
import { judge, type RuleViolation } from "./verdict.ts";

/** Judges what a preview plans to do: what a policy pack cannot see, because it is shown the new stack only. */
export function checkPlan(plan: Plan, rules: readonly PlanRule[] = PLAN_RULES): readonly RuleViolation[] {
  return judge(planView(plan), rules);
}
