import { adviceLines } from "../../engine/engine-error.ts";
import { guardTransition } from "../../flows/environment/guards.ts";
import { readRecorded } from "../../state/recorded.ts";
import { changeLine, countsLine, hasChanges } from "../change-lines.ts";
import { vendorsOf } from "../../flows/environment/connect-vendors.ts";
import { ADOPT_OPTION, defineCommand, STACK_OPTION } from "../define-command.ts";
import { openEnvironment } from "../../flows/environment/open-environment.ts";
import { planReconcile, requireSettled, showPlan } from "../../flows/reconcile/reconcile.ts";

export const preview = defineCommand<{ readonly stack: string; readonly adopt?: boolean }>({
  name: "preview",
  summary: "show what `up` would change, with all policies, and change nothing",
  options: [STACK_OPTION, ADOPT_OPTION],
  examples: ["kvshift preview --stack dev", "kvshift preview --stack prod --json"],
  run: async ({ stack, adopt = false }, context) => {
    const { output } = context;
    await using environment = await openEnvironment(stack, context, { create: true, needsVendors: true, lock: "none" });
    const { session, config } = environment;
    const exported = await session.exportState();
    const reconcilePlan = await planReconcile(environment, exported, vendorsOf(context), {
      operation: "up",
      adopt,
      removeUsed: false,
    });
    requireSettled(reconcilePlan);
    showPlan(reconcilePlan, context);
    guardTransition(readRecorded(exported), config);
    const plan = await session.preview({ adopt: reconcilePlan.adopt });
    for (const text of adviceLines(plan)) output.emit({ type: "warning", text });
    for (const change of plan.changes) {
      const line = changeLine(change, output);
      if (line !== undefined) output.text(line);
    }
    output.text(hasChanges(plan) ? `${stack}: ${countsLine(plan)}` : `${stack}: nothing to change`);
    return { stack, changed: hasChanges(plan), changes: plan.counts, resources: plan.changes };
  },
});
