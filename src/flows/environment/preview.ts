import type { RunContext } from "../../core/run-context.ts";
import { adviceLines } from "../../engine/engine-error.ts";
import type { EngineReport } from "../../engine/engine-report.ts";
import { refuseServed, servedLines } from "../ownership/served-elsewhere.ts";
import { planReconcile, requireSettled, showPlan } from "../reconcile/reconcile.ts";
import { vendorsOf } from "./connect-vendors.ts";
import { guardPlan } from "./guards.ts";
import { openEnvironment } from "./open-environment.ts";

/**
 * What `up` would change, judged by all policies. Changes nothing and takes no lock.
 *
 * @throws AppError with the code of what would refuse (docs/errors.md)
 */
export async function preview(
  stack: string,
  { adopt }: { readonly adopt: boolean },
  run: RunContext,
): Promise<EngineReport> {
  await using environment = await openEnvironment(stack, run, { create: true, needsVendors: true, lock: "none" });
  const { session, config } = environment;
  const state = await session.exportState();
  const plan = await planReconcile(environment, state, vendorsOf(run), { operation: "up", adopt, removeUsed: false });
  requireSettled(plan);
  showPlan(plan, run);
  refuseServed(environment, plan.served);
  for (const text of servedLines(stack, plan.served)) run.emit({ type: "warning", text });
  guardPlan(state, plan, config);
  const report = await session.preview({ adopt: plan.adopt });
  for (const text of adviceLines(report)) run.emit({ type: "warning", text });
  return report;
}
