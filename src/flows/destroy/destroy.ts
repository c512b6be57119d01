import { requireConfirmation } from "../../core/ask.ts";
import type { RunContext } from "../../core/run-context.ts";
import { countsLine, type EngineReport } from "../../engine/engine-report.ts";
import { credentialsFor, openTrail } from "../environment/audit-trail.ts";
import { vendorsOf } from "../environment/connect-vendors.ts";
import { openEnvironment, type OpenEnvironment } from "../environment/open-environment.ts";
import { forgetGone } from "../reconcile/apply.ts";
import { type Fate, fateOf } from "./fate.ts";
import { planReconcile, type Reconciled, removeAround, showPlan } from "../reconcile/reconcile.ts";

export interface DestroyOptions {
  /** Ask nobody. */
  readonly yes: boolean | undefined;
  /** Wait for another run that holds the stack. */
  readonly wait: boolean;
  /** Also remove tokens that no state knows although they were used. */
  readonly removeUsed: boolean;
}

export interface DestroyResult {
  readonly report: EngineReport;
  readonly reconciled: Reconciled;
  /** What went and what stayed, as it was said before. */
  readonly fate: Fate;
  /** In production everything that is protected stays. */
  readonly keptProtected: boolean;
  /** What to tell a person about what stays. */
  readonly kept: string | undefined;
}

const KEPT = "Namespaces and live credentials are protected: they stay, and the credentials stay valid.";
const KEPT_WITH_GATEWAY =
  "Namespaces, the gateway's Worker and live credentials are protected: they stay. The Worker serves on as it was last deployed, with every credential that was live or draining.";

/**
 * Removes an environment; in production only what is not protected.
 *
 * @throws AppError STACK_NOT_FOUND, ENVIRONMENT_DIFFERS, NOT_CONFIRMED, and with the code of what refused or failed (docs/errors.md)
 */
export async function destroy(stack: string, options: DestroyOptions, run: RunContext): Promise<DestroyResult> {
  await using environment = await openEnvironment(stack, run, {
    create: false,
    needsVendors: true,
    lock: options.wait ? "wait" : "refuse",
    // What is kept follows the kind, so the kind must be the one by which things were protected.
    identity: "same",
  });
  // Awaited here: what is open is closed when this returns.
  return await takeDown(environment, options, run, "destroy");
}

/**
 * Removes an open environment, with what no state knows under its exact names. `flow`: as the log calls it.
 *
 * @throws AppError NOT_CONFIRMED, and with the code of what refused or failed (docs/errors.md)
 */
export async function takeDown(
  environment: OpenEnvironment,
  options: Pick<DestroyOptions, "yes" | "removeUsed">,
  run: RunContext,
  flow: string,
): Promise<DestroyResult> {
  const { name: stack, session, config } = environment;
  const { emit } = run;
  const keptProtected = config.kind === "production";
  const vendors = vendorsOf(run);
  const trail = await openTrail(environment, run);
  const state = await session.exportState();
  const plan = await planReconcile(environment, state, vendors, {
    operation: "destroy",
    adopt: false,
    removeUsed: options.removeUsed,
  });
  showPlan(plan, run);
  const fate = fateOf(state, keptProtected);
  for (const name of fate.goes) emit({ type: "note", text: `- ${name} goes` });
  for (const name of fate.stays) emit({ type: "note", text: `  ${name} stays` });
  const question = keptProtected
    ? `Remove the unprotected part of ${stack}? Its services lose their variables with the next deploy.`
    : `Remove ${stack} and all data of its namespaces?`;
  await requireConfirmation(question, "removal", options.yes, run, keptProtected ? stack : undefined);
  await forgetGone(session, plan);
  // After the engine: what no state knows may be linked to what it deletes.
  const remove = () =>
    removeAround("after", environment, vendors, plan, run, async () => {
      emit({ type: "step-started", step: "Destroy" });
      const done = await session.destroy(keptProtected, (change) => {
        emit({ type: "resource", change, done: true });
      });
      emit({ type: "step-finished", step: "Destroy", note: countsLine(done) });
      return done;
    });
  const details = { credentials: credentialsFor(stack, config), keptProtected };
  const { report, reconciled } = await trail.around({ flow, details }, remove, (done) => ({
    changes: done.report.counts,
  }));
  const kept = config.access === "gateway" ? KEPT_WITH_GATEWAY : KEPT;
  return { report, reconciled, fate, keptProtected, kept: keptProtected ? kept : undefined };
}
