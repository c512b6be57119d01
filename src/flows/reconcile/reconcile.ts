import { AppError } from "../../core/app-error.ts";
import { forgetGone, removeOrphans } from "./apply.ts";
import { findDifferences } from "./findings.ts";
import { observe } from "./observe.ts";
import { type Kept, planReconciliation, type ReconcilePlan, type ReconcileRules } from "./plan.ts";
import { readRecordedObjects } from "../../state/objects.ts";
import type { Adoption } from "../../stack/adoption.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import { requireConfirmation } from "../../cli/confirm.ts";
import type { Context } from "../../cli/define-command.ts";
import type { OpenEnvironment } from "../environment/open-environment.ts";

const KIND_NAMES = {
  namespace: "KV namespace",
  token: "account token",
  group: "environment group",
  link: "environment group link",
  worker: "Worker",
  "worker-part": "version or host name of the Worker",
} as const;

/** What was brought together before the engine ran: for the record of the run. */
export interface Reconciled {
  /** URNs that the state has forgotten, because their objects are gone. */
  readonly dropped: readonly string[];
  /** URNs of groups that the engine has read again, because variables of them were gone. */
  readonly reread: readonly string[];
  /** Names of namespaces that are taken up by this run, with Cloudflare's id. */
  readonly adopted: Readonly<Record<string, string>>;
  /** Cloudflare's id of the gateway's Worker, where this run takes it up. */
  readonly adoptedWorker?: string;
  readonly removed: readonly { readonly kind: string; readonly name: string; readonly id: string }[];
  readonly kept: readonly Kept[];
}

type ReconcileOptions = Omit<ReconcileRules, "kind">;

/** Compares an exported state with what the vendors really have, and says what would be done about it. Changes nothing. */
export async function planReconcile(
  { name, config }: OpenEnvironment,
  exported: unknown,
  vendors: Vendors,
  rules: ReconcileOptions,
): Promise<ReconcilePlan> {
  const names = { environment: name, config };
  const recorded = readRecordedObjects(exported);
  const observed = await observe(vendors, { ...names, recorded });
  const findings = findDifferences({ ...names, recorded, observed });
  return planReconciliation(findings, { ...rules, kind: config.kind });
}

/** One line for each object that the plan is about: what was found, and what the operation does about it. */
export function showPlan(plan: ReconcilePlan, { output }: Pick<Context, "output">): void {
  const warn = (text: string): void => {
    output.emit({ type: "warning", text });
  };
  const does = `\`${plan.operation}\``;
  for (const { kind, name } of plan.drop) {
    const lost = kind === "namespace" ? ", nor does its data" : kind === "worker" ? ", nor do its objects" : "";
    warn(`The ${KIND_NAMES[kind]} ${name} no longer exists${lost}: ${does} takes it out of the state.`);
  }
  for (const { name, missing } of plan.reread) {
    warn(`The ${KIND_NAMES.group} ${name} lacks what the state knows: ${missing.join(", ")}. ${does} reads it again.`);
  }
  for (const [name, id] of Object.entries(plan.adopt.namespaces)) {
    warn(`The KV namespace ${name} exists already (${id}): ${does} takes it up as it is.`);
  }
  if (plan.adopt.worker !== undefined) {
    warn(`The gateway's Worker exists already (${plan.adopt.worker}): ${does} takes it up with its objects.`);
  }
  for (const { kind, name } of plan.remove) {
    warn(`The ${KIND_NAMES[kind]} ${name} exists, but no state knows it: ${does} removes it.`);
  }
  for (const { kind, name, why, fix } of [...plan.keep, ...plan.refuse]) {
    warn(`The ${KIND_NAMES[kind]} ${name} is left as it is: ${why}. ${fix}`);
  }
}

/** Refuses where a person has to settle something first. */
export function requireSettled({ refuse }: ReconcilePlan): void {
  if (refuse.length === 0) return;
  throw new AppError("UNRECORDED_OBJECT", {
    problem: "Something of this environment's exact name exists that its state does not know.",
    details: refuse.map(({ kind, name, why }) => `${KIND_NAMES[kind]} ${name}: ${why}`),
    fix: [...new Set(refuse.map(({ fix }) => fix))].join(" "),
  });
}

/** Before an `up`: brings state and vendors together, after a person agreed to what is removed and to lost data. */
export async function reconcile(
  environment: OpenEnvironment,
  exported: unknown,
  vendors: Vendors,
  options: Omit<ReconcileOptions, "operation"> & { readonly yes: boolean | undefined },
  context: Context,
): Promise<Reconciled> {
  const { output } = context;
  output.emit({ type: "step-started", step: "Reconcile" });
  const plan = await planReconcile(environment, exported, vendors, { ...options, operation: "up" });
  requireSettled(plan);
  showPlan(plan, context);
  await confirmPlan(plan, environment, options.yes, context);
  await forgetGone(environment.session, plan);
  const reconciled = await finishReconcile(environment, vendors, plan, context);
  output.emit({ type: "step-finished", step: "Reconcile", note: summary(plan) });
  return reconciled;
}

/** Removes what no state knows, and says what was done. */
export async function finishReconcile(
  { config }: Pick<OpenEnvironment, "config">,
  vendors: Vendors,
  { drop, reread, adopt, remove, keep }: ReconcilePlan,
  { output }: Pick<Context, "output">,
): Promise<Reconciled> {
  await removeOrphans(vendors, config.cloudflare.accountId, remove, ({ kind, name }) => {
    output.note(`  ${output.paint("red", "-")} ${KIND_NAMES[kind]} ${name} done`);
  });
  return {
    dropped: urnsOf(drop),
    reread: urnsOf(reread),
    adopted: adopt.namespaces,
    ...(adopt.worker === undefined ? {} : { adoptedWorker: adopt.worker }),
    removed: remove,
    kept: keep,
  };
}

/** What the engine takes up in this run. */
export function adoptionOf({ adopted, adoptedWorker }: Reconciled): Adoption {
  return { namespaces: adopted, ...(adoptedWorker === undefined ? {} : { worker: adoptedWorker }) };
}

function urnsOf(objects: readonly { readonly urn: string }[]): string[] {
  return objects.map(({ urn }) => urn);
}

const HOLDERS_OF_DATA: ReadonlySet<ReconcilePlan["drop"][number]["kind"]> = new Set(["namespace", "worker"]);

async function confirmPlan(
  { drop, remove }: ReconcilePlan,
  { config, name }: OpenEnvironment,
  yes: boolean | undefined,
  context: Context,
): Promise<void> {
  const lost = config.kind === "production" ? drop.filter(({ kind }) => HOLDERS_OF_DATA.has(kind)) : [];
  if (remove.length + lost.length === 0) return;
  const parts = [
    ...(remove.length === 0 ? [] : [`remove ${String(remove.length)} object(s) that no state knows`]),
    ...(lost.length === 0 ? [] : [`go on without the data of ${lost.map((object) => object.name).join(", ")}`]),
  ];
  await requireConfirmation(`For ${name}: ${parts.join(", and ")}?`, "removal", yes, context);
}

function summary({ drop, reread, adopt, remove }: ReconcilePlan): string {
  const counts = {
    dropped: drop.length,
    "read again": reread.length,
    adopted: Object.keys(adopt.namespaces).length + (adopt.worker === undefined ? 0 : 1),
    removed: remove.length,
  };
  const parts = Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${String(count)} ${what}`] : []));
  return parts.length === 0 ? "state and vendors agree" : parts.join(", ");
}
