import { AppError } from "../../core/app-error.ts";
import { requireConfirmation } from "../../core/ask.ts";
import type { RunContext } from "../../core/run-context.ts";
import { neighboursOf, readEnvironmentFiles } from "../../policy/neighbours.ts";
import { RESOURCE_TYPES, kindName } from "../../stack/types.ts";
import type { Deployment } from "../../state/deployment.ts";
import { readRecordedObjects } from "../../state/objects.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { OpenEnvironment } from "../environment/open-environment.ts";
import { type ServedElsewhere, servedElsewhere } from "../ownership/served-elsewhere.ts";
import { removeOrphans } from "./apply.ts";
import { findDifferences } from "./findings.ts";
import { observe } from "./observe.ts";
import { type Kept, planReconciliation, type ReconcilePlan, type ReconcileRules, type Removal } from "./plan.ts";

/** What people call the kinds of objects that reconciling is about. */
export const OBJECT_NAMES = {
  namespace: kindName(RESOURCE_TYPES.namespace),
  token: kindName(RESOURCE_TYPES.accountToken),
  group: kindName(RESOURCE_TYPES.group),
  link: kindName(RESOURCE_TYPES.groupLink),
  worker: kindName(RESOURCE_TYPES.worker),
  "worker-part": "version or host name of the Worker",
} as const;

/** What was brought together before the engine ran: for the record of the run. */
export interface Reconciled {
  /** URNs that the state has forgotten, because their objects are gone. */
  readonly dropped: readonly string[];
  /** URNs of what people had changed: the engine has read it again, and put it right. */
  readonly reread: readonly string[];
  /** Names of namespaces that are taken up by this run, with Cloudflare's id. */
  readonly adopted: Readonly<Record<string, string>>;
  /** Cloudflare's id of the gateway's Worker, where this run takes it up. */
  readonly adoptedWorker?: string;
  readonly removed: readonly { readonly kind: string; readonly name: string; readonly id: string }[];
  readonly kept: readonly Kept[];
}

type ReconcileOptions = Omit<ReconcileRules, "kind">;

/** How state and vendors are brought together, and what stands in the way of the environment's links. */
export interface SettledPlan extends ReconcilePlan {
  /** Services of the environment that another environment's group serves. */
  readonly served: readonly ServedElsewhere[];
}

/** Compares a recorded state with what the vendors really have, and says what would be done about it. Changes nothing. */
export async function planReconcile(
  { name, config, project, session }: OpenEnvironment,
  state: Deployment,
  vendors: Vendors,
  rules: ReconcileOptions,
): Promise<SettledPlan> {
  const neighbours = neighboursOf(name, readEnvironmentFiles(project.folder));
  const names = { environment: name, config, neighbours };
  const recorded = readRecordedObjects(state);
  const [observed, given] = await Promise.all([
    observe(vendors, { ...names, recorded }),
    recorded.groups.length === 0 ? [] : session.groupVariables(),
  ]);
  const findings = findDifferences({ ...names, recorded, observed, given });
  const plan = planReconciliation(findings, { ...rules, kind: config.kind });
  return { ...plan, served: servedElsewhere(observed.around, config.render.services) };
}

/** One line for each object that the plan is about: what was found, and what the operation does about it. */
export function showPlan(plan: ReconcilePlan, { emit }: Pick<RunContext, "emit">): void {
  const warn = (text: string): void => {
    emit({ type: "warning", text });
  };
  const does = `\`${plan.operation}\``;
  for (const { kind, name } of plan.drop) {
    const lost = kind === "namespace" ? ", nor does its data" : kind === "worker" ? ", nor do its objects" : "";
    warn(`The ${OBJECT_NAMES[kind]} ${name} no longer exists${lost}: ${does} takes it out of the state.`);
  }
  for (const { kind, name, what } of plan.reread) {
    const repairs = plan.operation === "up" ? "puts it right" : "reads it again";
    warn(`Somebody changed the ${OBJECT_NAMES[kind]} ${name}: ${what.join(", ")}. ${does} ${repairs}.`);
  }
  for (const [name, id] of Object.entries(plan.adopt.namespaces)) {
    warn(`The KV namespace ${name} exists already (${id}): ${does} takes it up as it is.`);
  }
  if (plan.adopt.worker !== undefined) {
    warn(`The gateway's Worker exists already (${plan.adopt.worker}): ${does} takes it up with its objects.`);
  }
  for (const { kind, name } of plan.remove) {
    warn(`The ${OBJECT_NAMES[kind]} ${name} exists, but no state knows it: ${does} removes it.`);
  }
  for (const { kind, name, why, fix } of [...plan.keep, ...plan.refuse]) {
    warn(`The ${OBJECT_NAMES[kind]} ${name} is left as it is: ${why}. ${fix}`);
  }
}

/**
 * Refuses where a person has to settle something first.
 *
 * @throws AppError UNRECORDED_OBJECT with every object that has to be settled
 */
export function requireSettled({ refuse }: ReconcilePlan): void {
  if (refuse.length === 0) return;
  throw new AppError("UNRECORDED_OBJECT", {
    problem: "Something of this environment's exact name exists that its state does not know.",
    details: refuse.map(({ kind, name, why }) => `${OBJECT_NAMES[kind]} ${name}: ${why}`),
    fix: [...new Set(refuse.map(({ fix }) => fix))].join(" "),
  });
}

/**
 * Removes what no state knows `before` or `after` the engine's own work: before it, where a name would be in its way;
 * after it, where what it deletes may hang on it. An error of either tells what was removed by then: each knows only
 * of its own step.
 *
 * @throws AppError with the code of what failed: VENDOR_FAILED of a removal, or that of `work`
 */
export async function removeAround<Report>(
  when: "before" | "after",
  { config }: Pick<OpenEnvironment, "config">,
  vendors: Vendors,
  { drop, reread, adopt, remove, keep }: ReconcilePlan,
  { emit }: Pick<RunContext, "emit">,
  work: () => Promise<Report>,
): Promise<{ readonly report: Report; readonly reconciled: Reconciled }> {
  const removed: Removal[] = [];
  const removeAll = (): Promise<void> =>
    removeOrphans(vendors, config.cloudflare.accountId, remove, (removal) => {
      removed.push(removal);
      emit({ type: "object-removed", what: OBJECT_NAMES[removal.kind], name: removal.name });
    });
  try {
    if (when === "before") await removeAll();
    const report = await work();
    if (when === "after") await removeAll();
    const adoptedWorker = adopt.worker === undefined ? {} : { adoptedWorker: adopt.worker };
    const known = { dropped: urnsOf(drop), reread: urnsOf(reread), adopted: adopt.namespaces, ...adoptedWorker };
    return { report, reconciled: { ...known, removed: remove, kept: keep } };
  } catch (error) {
    throw withRemoved(error, removed);
  }
}

function withRemoved(error: unknown, removed: readonly Removal[]): unknown {
  if (!(error instanceof AppError) || removed.length === 0) return error;
  const lines = removed.map(({ kind, name }) => `removed before: ${OBJECT_NAMES[kind]} ${name}`);
  const { code, problem, details, fix, retryable, cause, data } = error;
  return new AppError(code, { problem, details: [...details, ...lines], fix, retryable, cause, data });
}

function urnsOf(objects: readonly { readonly urn: string }[]): string[] {
  return objects.map(({ urn }) => urn);
}

const HOLDERS_OF_DATA: ReadonlySet<ReconcilePlan["drop"][number]["kind"]> = new Set(["namespace", "worker"]);

/** Asks a person to agree to what is removed, and in production to data that is gone already. */
export async function confirmReconcile(
  { drop, remove }: ReconcilePlan,
  { config, name }: Pick<OpenEnvironment, "config" | "name">,
  yes: boolean | undefined,
  ask: Pick<RunContext, "confirm">,
): Promise<void> {
  const lost = config.kind === "production" ? drop.filter(({ kind }) => HOLDERS_OF_DATA.has(kind)) : [];
  if (remove.length + lost.length === 0) return;
  const parts = [
    ...(remove.length === 0 ? [] : [`remove ${String(remove.length)} object(s) that no state knows`]),
    ...(lost.length === 0 ? [] : [`go on without the data of ${lost.map((object) => object.name).join(", ")}`]),
  ];
  await requireConfirmation(`For ${name}: ${parts.join(", and ")}?`, "removal", yes, ask);
}

/** Whether the plan does anything at all. */
export function actsBefore({ drop, reread, adopt, remove, clearPendingCreates }: ReconcilePlan): boolean {
  const adopted = Object.keys(adopt.namespaces).length + (adopt.worker === undefined ? 0 : 1);
  return drop.length + reread.length + adopted + remove.length > 0 || clearPendingCreates;
}

/** What the plan does, counted, in one line. */
export function summary({ drop, reread, adopt, remove, keep }: ReconcilePlan): string {
  const counts = {
    dropped: drop.length,
    "changed by hand": reread.length,
    adopted: Object.keys(adopt.namespaces).length + (adopt.worker === undefined ? 0 : 1),
    "to remove": remove.length,
    "left as it is": keep.length,
  };
  const parts = Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${String(count)} ${what}`] : []));
  return parts.length === 0 ? "state and vendors agree" : parts.join(", ");
}
