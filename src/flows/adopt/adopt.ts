import type { AuditTrail } from "../../audit/trail.ts";
import { AppError } from "../../core/app-error.ts";
import { requireConfirmation } from "../../core/ask.ts";
import type { RunContext } from "../../core/run-context.ts";
import { Secret } from "../../core/secret.ts";
import { neighboursOf, readEnvironmentFiles } from "../../policy/neighbours.ts";
import { readRecordedObjects } from "../../state/objects.ts";
import { requireOutputs, variablesOf } from "../../state/outputs.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { RenderGroup } from "../../vendors/render.ts";
import { openTrail } from "../environment/audit-trail.ts";
import { vendorsOf } from "../environment/connect-vendors.ts";
import { guardPlan } from "../environment/guards.ts";
import { openEnvironment, type OpenEnvironment } from "../environment/open-environment.ts";
import { bringUp } from "../environment/up.ts";
import { namespacesOfGateways } from "../ownership/gateways.ts";
import { lookAround, selfOf } from "../ownership/look-around.ts";
import { ownerOfGroup, ownerOfNamespace } from "../ownership/owners.ts";
import { refuseServed } from "../ownership/served-elsewhere.ts";
import { planReconcile, requireSettled } from "../reconcile/reconcile.ts";
import { planGroupAdoption, refuseOwned } from "./group.ts";
import { planNamespaceAdoption } from "./namespaces.ts";

export interface AdoptOptions {
  /** `<name>=<id>` each. */
  readonly namespaces: readonly string[];
  /** Id or name of a group that people made. */
  readonly group: string | undefined;
  /** A person says that the variables have left `render.yaml`. */
  readonly leftBlueprint: boolean;
  /** Ask nobody. */
  readonly yes: boolean | undefined;
  /** Wait for another run that holds the stack. */
  readonly wait: boolean;
}

export interface GroupResult {
  readonly name: string;
  readonly moved: readonly string[];
  readonly stayed: readonly string[];
  readonly removed: boolean;
}

export interface AdoptResult {
  /** Cloudflare's ids of what was taken up, by name. */
  readonly namespaces: Readonly<Record<string, string>>;
  readonly group?: GroupResult;
}

/**
 * Takes up what exists: namespaces with their data, and the variables of a group that people made.
 *
 * @throws AppError USAGE, ADOPTION_REFUSED, and with the code of what refused or failed (docs/errors.md)
 */
export async function adopt(stack: string, options: AdoptOptions, run: RunContext): Promise<AdoptResult> {
  const { namespaces, group, wait } = options;
  if (namespaces.length === 0 && group === undefined) {
    throw new AppError("USAGE", {
      problem: "There is nothing to adopt.",
      fix: "Give --namespace <name>=<id>, or --group <id or name>.",
    });
  }
  await using environment = await openEnvironment(stack, run, {
    create: true,
    needsVendors: true,
    lock: wait ? "wait" : "refuse",
  });
  const vendors = vendorsOf(run);
  const trail = await openTrail(environment, run);
  // Before anything is changed: the namespaces come first.
  if (group !== undefined) await findGroup(environment, group, vendors);
  const adopted = namespaces.length === 0 ? {} : await adoptNamespaces(environment, vendors, options, run, trail);
  const moved = group === undefined ? undefined : await adoptGroup(environment, group, vendors, options, run, trail);
  return { namespaces: adopted, ...(moved === undefined ? {} : { group: moved }) };
}

async function adoptNamespaces(
  environment: OpenEnvironment,
  vendors: Vendors,
  { namespaces: requested, yes }: AdoptOptions,
  run: RunContext,
  trail: AuditTrail,
): Promise<Readonly<Record<string, string>>> {
  const { name, config, project, session } = environment;
  const { accountId } = config.cloudflare;
  const state = await session.exportState();
  const recorded = readRecordedObjects(state);
  const self = selfOf(name, config, recorded, neighboursOf(name, readEnvironmentFiles(project.folder)));
  const [existing, { others }, held] = await Promise.all([
    vendors.cloudflare.namespaces(accountId),
    lookAround(vendors.render, config.render, self),
    namespacesOfGateways(vendors.cloudflare, accountId, self),
  ]);
  if (held === undefined) {
    run.emit({
      type: "warning",
      text: "Cloudflare shows this token no Workers: none was asked whether it serves one.",
    });
  }
  const owners = existing.flatMap((namespace) => {
    const owner = ownerOfNamespace(namespace, self, others) ?? held?.get(namespace.id);
    return owner === undefined ? [] : [[namespace.id, owner] as const];
  });
  const adoptions = planNamespaceAdoption({
    requested,
    environment: name,
    config,
    existing,
    recorded: recorded.namespaces,
    owners: new Map(owners),
  });
  const renames = adoptions.filter(({ oldTitle }) => oldTitle !== undefined);
  if (renames.length > 0) {
    // All that can refuse speaks before the first rename. What is to be renamed counts as new here: the engine takes
    // nothing up that has another title.
    const rules = { operation: "up", adopt: true, removeUsed: false } as const;
    const plan = await planReconcile(environment, state, vendors, rules);
    requireSettled(plan);
    refuseServed(environment, plan.served);
    guardPlan(state, plan, config);
    await session.preview({ adopt: plan.adopt });
  }
  for (const { id, title, oldTitle } of renames) {
    await requireConfirmation(`Rename ${oldTitle ?? ""} to ${title}? Its id and data stay.`, "change", yes, run);
    await trail.around(
      { flow: "adopt", step: "rename", details: { namespace: id, from: oldTitle, to: title } },
      () => vendors.cloudflare.renameNamespace(accountId, id, title),
      () => ({}),
    );
  }
  const options = { adopt: true, removeUsed: false, yes };
  const { reconciled } = await bringUp(environment, vendors, options, run, { trail, flow: "adopt" });
  return reconciled.adopted;
}

async function adoptGroup(
  environment: OpenEnvironment,
  reference: string,
  vendors: Vendors,
  { leftBlueprint, yes }: AdoptOptions,
  run: RunContext,
  trail: AuditTrail,
): Promise<GroupResult> {
  const { name, config, session } = environment;
  const { plain, secret } = variablesOf(requireOutputs(await session.outputs()));
  const recorded = readRecordedObjects(await session.exportState());
  const group = await findGroup(environment, reference, vendors);
  const blueprints = await vendors.render.blueprints(config.render.ownerId);
  const given = Object.entries({ ...plain, ...secret });
  const dedicated = new Map(given.map(([key, value]) => [key, new Secret(value)]));
  const own = await Promise.all(recorded.groups.map(({ id }) => vendors.render.group(id)));
  const served = own.flatMap((existing) => existing?.serviceLinks ?? []).map(({ id }) => id);
  const plan = planGroupAdoption({ group, dedicated, environment: name, served, blueprints, leftBlueprint });
  if (plan.move.length === 0) return { name: group.name, moved: [], stayed: plan.stay, removed: false };
  for (const key of plan.move) {
    const note = plan.changed.includes(key) ? " (another value from now on)" : "";
    run.emit({ type: "note", text: `- ${key}${note}` });
  }
  const isEmptied = plan.stay.length === 0;
  const what = isEmptied
    ? `Delete the group ${group.name}`
    : `Take ${String(plan.move.length)} variables out of ${group.name}`;
  await requireConfirmation(`${what}? The environment's own group gives them.`, "change", yes, run);
  const details = { group: group.id, name: group.name, moved: plan.move, deleted: isEmptied };
  const take = async (): Promise<void> => {
    // Render refuses a group without variables.
    if (isEmptied) await vendors.render.deleteGroup(group.id);
    else for (const key of plan.move) await vendors.render.deleteGroupVariable(group.id, key);
  };
  await trail.around({ flow: "adopt", step: "group", details }, take, () => ({}));
  return { name: group.name, moved: plan.move, stayed: plan.stay, removed: isEmptied };
}

/** The group that `reference` means: not the environment's own, nor one of another environment. */
async function findGroup(
  { name, config, project, session }: OpenEnvironment,
  reference: string,
  { render }: Vendors,
): Promise<RenderGroup> {
  const { ownerId } = config.render;
  const recorded = readRecordedObjects(await session.exportState());
  const candidates = reference.startsWith("evg-")
    ? [reference]
    : (await render.groups(ownerId, reference)).map(({ id }) => id);
  const own = new Set(recorded.groups.map(({ id }) => id));
  const others = candidates.filter((id) => !own.has(id));
  const [id, ...more] = others;
  const fix = "Give the id of the group: it starts with evg- and is in the address bar of the dashboard.";
  if (more.length > 0) {
    throw new AppError("USAGE", { problem: `Several groups are named ${reference}.`, details: others, fix });
  }
  if (id === undefined && candidates.length > 0) {
    throw new AppError("USAGE", {
      problem: `${reference} is the environment's own group already.`,
      fix: "Name the group that people made and that services were linked to before.",
    });
  }
  const group = id === undefined ? undefined : await render.group(id);
  if (group?.ownerId === ownerId) {
    const self = selfOf(name, config, recorded, neighboursOf(name, readEnvironmentFiles(project.folder)));
    const { others } = await lookAround(render, config.render, self);
    refuseOwned(group, name, ownerOfGroup(group, self, others));
    return group;
  }
  throw new AppError("USAGE", { problem: `The workspace ${ownerId} has no environment group ${reference}.`, fix });
}
