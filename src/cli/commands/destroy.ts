import { forgetGone } from "../../flows/reconcile/apply.ts";
import { changeLine, countsLine } from "../change-lines.ts";
import { requireConfirmation } from "../confirm.ts";
import { vendorsOf } from "../../flows/environment/connect-vendors.ts";
import { defineCommand, REMOVE_USED_OPTION, STACK_OPTION, WAIT_OPTION, YES_OPTION } from "../define-command.ts";
import { openEnvironment } from "../../flows/environment/open-environment.ts";
import { finishReconcile, planReconcile, showPlan } from "../../flows/reconcile/reconcile.ts";

interface DestroyOptions {
  readonly stack: string;
  readonly yes?: boolean;
  readonly wait?: boolean;
  readonly removeUsed?: boolean;
}

const KEPT = "Namespaces and live credentials are protected: they stay, and the credentials stay valid.";
const KEPT_WITH_GATEWAY =
  "Namespaces, the gateway's Worker and live credentials are protected: they stay. The Worker serves on as it was last deployed, with every credential that was live or draining.";

export const destroy = defineCommand<DestroyOptions>({
  name: "destroy",
  summary: "remove an environment; in production everything protected stays: namespaces, gateway and live credentials",
  options: [STACK_OPTION, YES_OPTION, WAIT_OPTION, REMOVE_USED_OPTION],
  examples: ["kvshift destroy --stack dev", "kvshift destroy --stack dev --yes --json"],
  run: async ({ stack, yes, wait, removeUsed = false }, context) => {
    const { output } = context;
    await using environment = await openEnvironment(stack, context, {
      create: false,
      needsVendors: true,
      lock: wait === true ? "wait" : "refuse",
    });
    const { session, config } = environment;
    const keepProtected = config.kind === "production";
    const question = keepProtected
      ? `Remove the unprotected part of ${stack}? Its services lose their variables with the next deploy.`
      : `Remove ${stack} and all data of its namespaces?`;
    const vendors = vendorsOf(context);
    const plan = await planReconcile(environment, await session.exportState(), vendors, {
      operation: "destroy",
      adopt: false,
      removeUsed,
    });
    showPlan(plan, context);
    await requireConfirmation(question, "removal", yes, context);
    await forgetGone(session, plan);
    output.emit({ type: "step-started", step: "Destroy" });
    const report = await session.destroy(keepProtected, (change) => {
      const line = changeLine(change, output);
      if (line !== undefined) output.note(`${line} done`);
    });
    output.emit({ type: "step-finished", step: "Destroy", note: countsLine(report) });
    // After the engine: what no state knows may be linked to what it deletes.
    const reconciled = await finishReconcile(environment, vendors, plan, context);
    output.text(`${stack}: ${countsLine(report)}`);
    if (keepProtected) output.text(config.access === "gateway" ? KEPT_WITH_GATEWAY : KEPT);
    return { stack, changes: report.counts, keptProtected: keepProtected, reconciled };
  },
});
