import type { RunContext } from "../../core/run-context.ts";
import { adviceLines } from "../../engine/engine-error.ts";
import { type EngineReport, hasChanges } from "../../engine/engine-report.ts";
import { readRecorded } from "../../state/recorded.ts";
import { refuseServed, servedLines } from "../ownership/served-elsewhere.ts";
import { actsBefore, planReconcile, requireSettled, showPlan, summary } from "../reconcile/reconcile.ts";
import { vendorsOf } from "./connect-vendors.ts";
import { guardPlan } from "./guards.ts";
import { warnOfDeadSecrets } from "./live-secrets.ts";
import { openEnvironment } from "./open-environment.ts";
import { requireDeployed } from "./require-deployed.ts";
import { type SlotStep, slotSteps } from "./slot-steps.ts";

export interface PreviewResult {
  readonly report: EngineReport;
  /** Whether `up` would change anything: by the engine, or before it, where state and vendors differ. */
  readonly changed: boolean;
  /** Slots of credentials that would go into another state. */
  readonly slots: readonly SlotStep[];
  /** What of that is done before the engine, in a line; absent where state and vendors agree. */
  readonly reconciled?: string;
  /** Ids of live credentials whose secret is refused where it is used. */
  readonly refusedSecrets: readonly string[];
}

/**
 * What `up` would change, judged by all policies. Changes nothing and takes no lock.
 *
 * @throws AppError with the code of what would refuse (docs/errors.md)
 */
export async function preview(
  stack: string,
  { adopt, force }: { readonly adopt: boolean; readonly force: boolean },
  run: RunContext,
): Promise<PreviewResult> {
  await using environment = await openEnvironment(stack, run, { create: true, needsVendors: true, lock: "none" });
  const { session, config } = environment;
  const state = await session.exportState();
  const vendors = vendorsOf(run);
  const plan = await planReconcile(environment, state, vendors, { operation: "up", adopt, removeUsed: false });
  requireSettled(plan);
  showPlan(plan, run);
  refuseServed(environment, plan.served);
  for (const text of servedLines(stack, plan.served)) run.emit({ type: "warning", text });
  guardPlan(state, plan, config);
  const slots = slotSteps(readRecorded(state), config);
  await requireDeployed(environment, state, slots, vendors, force);
  const refusedSecrets = await warnOfDeadSecrets(environment, state, run);
  const report = await session.preview({ adopt: plan.adopt });
  for (const text of adviceLines(report)) run.emit({ type: "warning", text });
  const acts = actsBefore(plan);
  const changed = hasChanges(report) || acts || slots.length > 0;
  return { report, changed, slots, ...(acts ? { reconciled: summary(plan) } : {}), refusedSecrets };
}
