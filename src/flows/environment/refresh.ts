import type { RunContext } from "../../core/run-context.ts";
import type { EngineReport } from "../../engine/engine-report.ts";
import { forgetGoneLinks } from "../reconcile/apply.ts";
import type { ReconcilePlan } from "../reconcile/plan.ts";
import { planReconcile, showPlan } from "../reconcile/reconcile.ts";
import { openTrail } from "./audit-trail.ts";
import { vendorsOf } from "./connect-vendors.ts";
import { warnOfDeadSecrets } from "./live-secrets.ts";
import { openEnvironment } from "./open-environment.ts";

export interface RefreshResult {
  readonly report: EngineReport;
  /** What exists at a vendor under the environment's names and in no state. */
  readonly unrecorded: Pick<ReconcilePlan, "adopt" | "remove" | "keep">;
  /** Ids of live credentials whose secret is refused where it is used. */
  readonly refusedSecrets: readonly string[];
}

/**
 * Reads from the vendors what really exists and records it; changes the state alone.
 *
 * @throws AppError STACK_NOT_FOUND, STACK_LOCKED, and with the code of what failed (docs/errors.md)
 */
export async function refresh(
  stack: string,
  { wait }: { readonly wait: boolean },
  run: RunContext,
): Promise<RefreshResult> {
  await using environment = await openEnvironment(stack, run, {
    create: false,
    needsVendors: true,
    lock: wait ? "wait" : "refuse",
  });
  const { session } = environment;
  const rules = { operation: "up", adopt: false, removeUsed: false } as const;
  const state = await session.exportState();
  const plan = await planReconcile(environment, state, vendorsOf(run), rules);
  const refusedSecrets = await warnOfDeadSecrets(environment, state, run);
  const trail = await openTrail(environment, run);
  const read = async () => {
    await forgetGoneLinks(session, plan.drop);
    return session.refresh();
  };
  const report = await trail.around({ flow: "refresh" }, read, ({ counts }) => ({ changes: counts }));
  // What is gone, the engine has found, and says in its report.
  showPlan({ ...plan, drop: [], reread: [] }, run);
  const { adopt, remove, keep, refuse } = plan;
  return { report, unrecorded: { adopt, remove, keep: [...keep, ...refuse] }, refusedSecrets };
}
