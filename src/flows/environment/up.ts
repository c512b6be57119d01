import type { AuditTrail, Entry } from "../../audit/trail.ts";
import { requireConfirmation } from "../../core/ask.ts";
import type { RunContext } from "../../core/run-context.ts";
import { adviceLines, policyViolated } from "../../engine/engine-error.ts";
import { countsLine, type EngineReport, hasChanges } from "../../engine/engine-report.ts";
import { violationLine } from "../../policy/verdict.ts";
import { LEAVE_LOCAL_CLOUD } from "../../engine/providers.ts";
import type { Outputs } from "../../state/outputs.ts";
import { readRecorded } from "../../state/recorded.ts";
import { type Run, runName } from "../../state/runs.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import { deployEnvironment, warnOfStaleServices } from "../deploy/deploy-environment.ts";
import type { DeployReport } from "../deploy/deploy-stale.ts";
import { settleServices } from "../ownership/served-elsewhere.ts";
import { forgetGone } from "../reconcile/apply.ts";
import type { ReconcilePlan } from "../reconcile/plan.ts";
import {
  confirmReconcile,
  planReconcile,
  type Reconciled,
  removeAround,
  requireSettled,
  showPlan,
  summary,
} from "../reconcile/reconcile.ts";
import { credentialsFor, openTrail } from "./audit-trail.ts";
import { vendorsOf } from "./connect-vendors.ts";
import { keepEncryptionSalt } from "./environment-file.ts";
import { guardPlan } from "./guards.ts";
import { warnOfDeadSecrets } from "./live-secrets.ts";
import { openEnvironment, type OpenEnvironment } from "./open-environment.ts";
import { requireDeployed } from "./require-deployed.ts";
import { type SlotStep, slotSteps, stepLine } from "./slot-steps.ts";

export interface UpOptions {
  /** Ask nobody. */
  readonly yes: boolean | undefined;
  /** Wait for another run that holds the stack. */
  readonly wait: boolean;
  /** In production: take up a namespace or the Worker of the exact name that the state does not know. */
  readonly adopt: boolean;
  /** Also remove tokens that no state knows although they were used. */
  readonly removeUsed: boolean;
  /** Take a credential out of use although a service may still run with it. */
  readonly force?: boolean;
  /** Deploy each service that runs with older variables, and wait until it is live. */
  readonly deploy: boolean;
}

export interface UpResult {
  readonly report: EngineReport;
  readonly reconciled: Reconciled;
  /** Ids of live credentials whose secret was refused where it is used, before the update. */
  readonly refusedSecrets: readonly string[];
  /** Slots of credentials that went into another state. */
  readonly slots: readonly SlotStep[];
  /** What the engine recorded of the update. */
  readonly engineRun: Run | undefined;
  /** Secrets in clear: print them masked. */
  readonly outputs: Outputs;
  readonly deploys?: DeployReport;
}

/**
 * Creates or updates an environment: what its file says becomes what exists.
 *
 * @throws AppError with the code and the exit code of what refused or failed (docs/errors.md)
 */
export async function up(stack: string, options: UpOptions, run: RunContext): Promise<UpResult> {
  await using environment = await openEnvironment(stack, run, {
    create: true,
    needsVendors: true,
    lock: options.wait ? "wait" : "refuse",
  });
  if (environment.isLocal) {
    run.emit({
      type: "note",
      text: `The vendors are a local cloud on this machine: nothing is made at Cloudflare or Render. ${LEAVE_LOCAL_CLOUD}`,
    });
  }
  const vendors = vendorsOf(run);
  const trail = await openTrail(environment, run);
  const result = await bringUp(environment, vendors, options, run, { trail, flow: "up" });
  if (!options.deploy) {
    await warnOfStaleServices(environment, vendors, run);
    return result;
  }
  const deploys = await trail.around(
    { flow: "up", step: "deploy", details: { services: environment.config.render.services } },
    () => deployEnvironment(environment, vendors, run),
    (report) => ({ ...report }),
  );
  return { ...result, deploys };
}

/** Where a run is recorded, and as what; `caller`: whoever calls has an intent on the disk already. */
export type Audited = (Entry & { readonly trail: AuditTrail }) | "caller";

/**
 * Brings an open environment to what its file says, in this order: look, refuse, plan, ask, and only then change. What
 * can refuse (guards, passphrase, policies, a person) comes before the first change at a vendor; before it the state
 * alone forgets what its vendor does not have any more.
 *
 * @throws AppError POLICY_VIOLATED where the recorded state breaks a rule, and with the code of what refused or failed
 *   (docs/errors.md)
 */
export async function bringUp(
  environment: OpenEnvironment,
  vendors: Vendors,
  { adopt, removeUsed, yes, force = false }: Pick<UpOptions, "adopt" | "removeUsed" | "yes" | "force">,
  run: RunContext,
  audited: Audited,
): Promise<Omit<UpResult, "deploys">> {
  const { name, config, session } = environment;
  const { emit } = run;

  emit({ type: "step-started", step: "Reconcile" });
  const state = await session.exportState();
  const plan = await planReconcile(environment, state, vendors, { operation: "up", adopt, removeUsed });
  requireSettled(plan);
  guardPlan(state, plan, config);
  const slots = slotSteps(readRecorded(state), config);
  const forced = await requireDeployed(environment, state, slots, vendors, force);
  const refusedSecrets = await warnOfDeadSecrets(environment, state, run);
  await settleServices(environment, plan.served, yes, run);
  showPlan(plan, run);
  await confirmReconcile(plan, environment, yes, run);
  await forgetGone(session, plan);
  emit({ type: "step-finished", step: "Reconcile", note: summary(plan) });

  emit({ type: "step-started", step: "Preview" });
  const planned = await session.preview({
    adopt: plan.adopt,
    onChange: (change) => {
      emit({ type: "resource", change, done: false });
    },
  });
  emit({ type: "step-finished", step: "Preview", note: countsLine(planned) });
  for (const text of adviceLines(planned)) emit({ type: "warning", text });
  if (audited !== "caller") for (const step of slots) emit({ type: "note", text: stepLine(step) });
  if (hasChanges(planned) || slots.length > 0)
    await requireConfirmation(`Change the environment ${name}?`, "change", yes, run);

  const work = async () => ({ ...(await update(environment, vendors, plan, run)), refusedSecrets, slots });
  if (audited === "caller") return work();
  const { trail, ...entry } = audited;
  const warnings = adviceLines(planned);
  const whatForced = forced.length === 0 ? {} : { forced: { mayFail: forced } };
  const details = {
    credentials: credentialsFor(name, config),
    policy: { held: true, warnings },
    ...entry.details,
    ...whatForced,
  };
  const recorded = { ...entry, details };
  if (!hasChanges(planned) && plan.remove.length === 0 && slots.length === 0) {
    const done = await work();
    await trail.done({ ...recorded, details: { ...details, ...outcomeOf(done) } });
    return done;
  }
  return trail.around(recorded, work, outcomeOf);
}

async function update(
  environment: OpenEnvironment,
  vendors: Vendors,
  plan: ReconcilePlan,
  run: RunContext,
): Promise<Omit<UpResult, "deploys" | "refusedSecrets" | "slots">> {
  const { config, session, isLocal } = environment;
  const { emit } = run;
  const { report, reconciled } = await removeAround("before", environment, vendors, plan, run, async () => {
    emit({ type: "step-started", step: "Update" });
    const done = await session.up({
      adopt: plan.adopt,
      onChange: (change) => {
        emit({ type: "resource", change, done: true });
      },
    });
    emit({ type: "step-finished", step: "Update", note: countsLine(done) });
    return done;
  });
  // The local cloud is thrown away: its salt would only change a file in git.
  if (!isLocal) await keepSalt(environment, await session.encryptionSalt(), run);
  const [unsafe, [engineRun]] = await Promise.all([session.scanState(config), session.recentRuns()]);
  if (unsafe.length > 0) throw policyViolated(unsafe.map(violationLine), hasChanges(report) ? "some" : "none-recorded");
  return { report, reconciled, engineRun, outputs: await session.outputs() };
}

async function keepSalt(
  { name, file }: OpenEnvironment,
  salt: string | undefined,
  { emit }: Pick<RunContext, "emit">,
): Promise<void> {
  const kept = await keepEncryptionSalt(file, salt);
  if (kept === "written") emit({ type: "note", text: `encryptionsalt written to Pulumi.${name}.yaml: commit it` });
  if (kept !== "refused") return;
  // No secret: it stands in a file that is committed.
  const line = `encryptionsalt: ${salt ?? ""}`;
  emit({
    type: "warning",
    text: `Somebody changed Pulumi.${name}.yaml during the run, and it was left as it is. Give it this line: ${line}`,
  });
}

/** What a record says of a run: names and counts. */
function outcomeOf({
  report,
  reconciled,
  engineRun,
}: Pick<UpResult, "report" | "reconciled" | "engineRun">): Readonly<Record<string, unknown>> {
  const removed = reconciled.removed.map(({ name }) => name);
  return { changes: report.counts, removed, adopted: reconciled.adopted, ...runName(engineRun) };
}
