import { forgetGoneLinks } from "../../flows/reconcile/apply.ts";
import { changeLine, countsLine, hasChanges } from "../change-lines.ts";
import { vendorsOf } from "../../flows/environment/connect-vendors.ts";
import { defineCommand, STACK_OPTION, WAIT_OPTION } from "../define-command.ts";
import { openEnvironment } from "../../flows/environment/open-environment.ts";
import { planReconcile, showPlan } from "../../flows/reconcile/reconcile.ts";

export const refresh = defineCommand<{ readonly stack: string; readonly wait?: boolean }>({
  name: "refresh",
  summary: "read from the vendors what really exists and record it; a following `up` repairs what people changed",
  options: [STACK_OPTION, WAIT_OPTION],
  examples: ["kvshift refresh --stack dev"],
  run: async ({ stack, wait }, context) => {
    const { output } = context;
    await using environment = await openEnvironment(stack, context, {
      create: false,
      needsVendors: true,
      lock: wait === true ? "wait" : "refuse",
    });
    const vendors = vendorsOf(context);
    const plan = await planReconcile(environment, await environment.session.exportState(), vendors, {
      operation: "up",
      adopt: false,
      removeUsed: false,
    });
    await forgetGoneLinks(environment.session, plan.drop);
    const report = await environment.session.refresh();
    for (const change of report.changes) {
      const line = changeLine(change, output);
      if (line !== undefined && change.operation !== "refresh") output.text(line);
    }
    output.text(hasChanges(report) ? `${stack} differs from its state: ${countsLine(report)}` : `${stack}: no drift`);
    // What is gone, the engine has found and said above.
    showPlan({ ...plan, drop: [] }, context);
    const { adopt, remove, keep, refuse } = plan;
    const unrecorded = { adopt, remove, keep: [...keep, ...refuse] };
    return { stack, unrecorded, drift: hasChanges(report), changes: report.counts, resources: report.changes };
  },
});
