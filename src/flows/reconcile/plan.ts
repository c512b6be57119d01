import type { EnvironmentKind } from "../../core/names.ts";
import type { Adoption } from "../../stack/types.ts";
import type { Owner } from "../ownership/owners.ts";
import type { EditedObject } from "./edits.ts";
import type { Findings, GoneObject, OrphanToken, RolledBack, UnrecordedWorker } from "./findings.ts";

export interface ReconcileRules {
  readonly operation: "up" | "destroy";
  readonly kind: EnvironmentKind;
  /** Whether a namespace or the Worker of production may be taken up. */
  readonly adopt: boolean;
  /** Whether tokens that were used may be removed. */
  readonly removeUsed: boolean;
}

export interface Removal {
  readonly kind: "namespace" | "token" | "group" | "worker";
  readonly id: string;
  /** The vendor's name. */
  readonly name: string;
}

/** What is left as it is, and what to do about it. */
export interface Kept {
  readonly kind: Removal["kind"];
  readonly name: string;
  readonly why: string;
  readonly fix: string;
}

/** How the state and the vendors are brought together, before the engine runs. */
export interface ReconcilePlan {
  readonly operation: ReconcileRules["operation"];
  readonly drop: readonly GoneObject[];
  /** What people changed: the engine reads it again, and puts it right. */
  readonly reread: readonly EditedObject[];
  readonly adopt: Adoption;
  readonly remove: readonly Removal[];
  readonly keep: readonly Kept[];
  /** As `keep`, but nothing may run before it is settled. */
  readonly refuse: readonly Kept[];
  /** The outcome of every creation that a broken run left open is known now. */
  readonly clearPendingCreates: boolean;
}

/** Decides what to do about each finding. Pure; nothing that somebody may still use is removed unasked. */
export function planReconciliation(findings: Findings, rules: ReconcileRules): ReconcilePlan {
  const plans = [
    // First the Worker, which is bound to the namespaces.
    ...findings.workers.map((found) => planWorker(found, rules)),
    ...findings.namespaces.map((found) => planNamespace(found, rules)),
    ...planRest(findings, rules),
    ...findings.rolledBack.map((found) => leaveVersion(found, rules)),
  ];
  const enable = rules.operation === "up" ? findings.edited.filter((one) => one.enable).map(({ name }) => name) : [];
  return {
    operation: rules.operation,
    drop: findings.gone,
    reread: findings.edited,
    adopt: { ...mergeAdoptions(plans.flatMap(({ adopt }) => adopt ?? [])), ...(enable.length > 0 ? { enable } : {}) },
    remove: plans.flatMap(({ remove }) => remove ?? []),
    keep: plans.flatMap(({ keep }) => keep ?? []),
    refuse: plans.flatMap(({ refuse }) => refuse ?? []),
    clearPendingCreates: findings.pendingCreates.length > 0,
  };
}

interface Decision {
  readonly adopt?: Partial<Adoption>;
  readonly remove?: Removal;
  readonly keep?: Kept;
  readonly refuse?: Kept;
}

/**
 * What another environment owns is neither taken up nor removed. Of a namespace and a Worker there is one of a name, so
 * that `up` cannot make ours beside it; of a token and a group there may be several.
 */
function leaveAlone(
  what: Pick<Kept, "kind" | "name">,
  { who, evidence }: Owner,
  operation: ReconcileRules["operation"],
): Decision {
  const why = `it may be that of ${who}: ${evidence}`;
  const fix =
    "Two environments have the same names at the vendors: give one of them another kvshift:app or another name.";
  const isInTheWay = what.kind === "namespace" || what.kind === "worker";
  const kept: Kept = { ...what, why, fix };
  return operation === "up" && isInTheWay ? { refuse: kept } : { keep: kept };
}

function planNamespace(found: Findings["namespaces"][number], { operation, kind, adopt }: ReconcileRules): Decision {
  const { name, id, title, owner } = found;
  if (owner) return leaveAlone({ kind: "namespace", name: title }, owner, operation);
  if (operation === "destroy" && kind !== "production") return { remove: { kind: "namespace", id, name: title } };
  const what = { kind: "namespace", name: title, why: "the state does not know it" } as const;
  if (operation === "destroy")
    return { keep: { ...what, fix: "Delete it in the dashboard once its data is no longer needed." } };
  if (kind !== "production" || adopt) return { adopt: { namespaces: { [name]: id } } };
  const fix = "Look at what it holds. To take it up with its data: the same command with --adopt.";
  return { refuse: { ...what, fix } };
}

/** The objects of strong namespaces are in it, so that it is treated like a namespace. */
function planWorker({ id, name, owner }: UnrecordedWorker, { operation, kind, adopt }: ReconcileRules): Decision {
  if (owner) return leaveAlone({ kind: "worker", name }, owner, operation);
  if (operation === "destroy" && kind !== "production") return { remove: { kind: "worker", id, name } };
  const what = { kind: "worker", name, why: "the state does not know it" } as const;
  if (operation === "destroy")
    return { keep: { ...what, fix: "Delete it in the dashboard once the data of its objects is no longer needed." } };
  if (kind !== "production" || adopt) return { adopt: { worker: id } };
  const fix = "Look at what it serves. To take it up with its objects: the same command with --adopt.";
  return { refuse: { ...what, fix } };
}

function mergeAdoptions(adoptions: readonly Partial<Adoption>[]): Adoption {
  const namespaces = adoptions.flatMap((adoption) => Object.entries(adoption.namespaces ?? {}));
  const worker = adoptions.map((adoption) => adoption.worker).find((id) => id !== undefined);
  return { namespaces: Object.fromEntries(namespaces), ...(worker === undefined ? {} : { worker }) };
}

/** The engine calls a version that is there what it should be; which one is served is a switch beside it. */
function leaveVersion({ name, versionId }: RolledBack, { operation }: ReconcileRules): Decision {
  if (operation === "destroy") return {};
  const why =
    "it serves another version than the last run deployed; credentials that were revoked since may be valid there";
  const fix = `npx wrangler versions deploy ${versionId}@100% --name ${name}, or deploy that version in the dashboard: Workers & Pages, ${name}, Deployments.`;
  return { keep: { kind: "worker", name, why, fix } };
}

function planRest(findings: Findings, rules: ReconcileRules): Decision[] {
  return [
    ...findings.tokens.map((token) => planToken(token, rules)),
    ...findings.groups.map((group) => planGroup(group, rules)),
  ];
}

function planToken(
  { id, name, lastUsedOn, owner }: OrphanToken,
  { operation, kind, removeUsed }: ReconcileRules,
): Decision {
  if (owner) return leaveAlone({ kind: "token", name }, owner, operation);
  const isKeptSafe = lastUsedOn !== undefined && !removeUsed;
  const endsAnyway = operation === "destroy" && kind !== "production";
  if (!isKeptSafe || endsAnyway) return { remove: { kind: "token", id, name } };
  const why = `the state does not know it, and it was used (last on ${lastUsedOn}): something may still hold it`;
  return {
    keep: { kind: "token", name, why, fix: "When nothing uses it any more: the same command with --remove-used." },
  };
}

function planGroup(
  { id, name, foreign, services, blueprint, owner }: Findings["groups"][number],
  { operation }: ReconcileRules,
): Decision {
  if (owner) return leaveAlone({ kind: "group", name }, owner, operation);
  const links = services.length === 0 ? "" : ` (linked: ${services.join(", ")})`;
  const keep = (why: string, fix: string): Decision => {
    const kept: Kept = { kind: "group", name, why: `the state does not know it, and ${why}`, fix };
    return operation === "destroy" ? { keep: kept } : { refuse: kept };
  };
  if (blueprint !== undefined) {
    const fix = `Remove ${name} from envVarGroups in render.yaml, with each fromGroup that names it; merge and let it sync. Then delete the group in the dashboard.`;
    return keep(`the Blueprint ${blueprint} owns it and would write it again${links}`, fix);
  }
  if (foreign.length > 0) {
    const fix = `Rename it in Render's dashboard: the name ${name} is for the variables of kvshift alone.`;
    return keep(`it holds what is not ours: ${foreign.join(", ")}${links}`, fix);
  }
  return { remove: { kind: "group", id, name } };
}
