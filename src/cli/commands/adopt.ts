import { z } from "zod";

import { AppError } from "../../core/app-error.ts";
import { Secret } from "../../core/secret.ts";
import { guardTransition } from "../../flows/environment/guards.ts";
import { readRecorded } from "../../state/recorded.ts";
import { readRecordedObjects, type RecordedObjects } from "../../state/objects.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { RenderGroup } from "../../vendors/render.ts";
import { planGroupAdoption } from "../../flows/adopt/group.ts";
import { planNamespaceAdoption } from "../../flows/adopt/namespaces.ts";
import { applyChanges } from "../../flows/environment/apply-changes.ts";
import { requireConfirmation } from "../confirm.ts";
import { vendorsOf } from "../../flows/environment/connect-vendors.ts";
import { type Context, defineCommand, STACK_OPTION, WAIT_OPTION, YES_OPTION } from "../define-command.ts";
import { listEnvironments } from "../../flows/environment/environment-file.ts";
import { openEnvironment, type OpenEnvironment } from "../../flows/environment/open-environment.ts";
import { adoptionOf, reconcile } from "../../flows/reconcile/reconcile.ts";
import { requireOutputs } from "../../engine/require-outputs.ts";

interface AdoptOptions {
  readonly stack: string;
  readonly namespace?: readonly string[];
  readonly group?: string;
  readonly leftBlueprint?: boolean;
  readonly yes?: boolean;
  readonly wait?: boolean;
}

export const adopt = defineCommand<AdoptOptions>({
  name: "adopt",
  summary: "take up what exists: namespaces with their data, and the variables of a group that people made",
  options: [
    STACK_OPTION,
    {
      flags: "--namespace <name=id...>",
      description:
        "a namespace of the environment's file, and the id of the existing one; it gets the environment's title",
    },
    {
      flags: "--group <group>",
      description: "id or name of an environment group: its kvshift variables move to the environment's own group",
    },
    { flags: "--left-blueprint", description: "the variables have left render.yaml, and the Blueprint has synced" },
    YES_OPTION,
    WAIT_OPTION,
  ],
  examples: [
    "kvshift adopt --stack prod --namespace sessions=0f2ac74b498b48028cb68387c421e279",
    "kvshift adopt --stack prod --group brainbot-shared",
  ],
  run: async (options, context) => {
    const { stack, namespace = [], group, yes, wait } = options;
    if (namespace.length === 0 && group === undefined) {
      throw new AppError("USAGE", {
        problem: "There is nothing to adopt.",
        fix: "Give --namespace <name>=<id>, or --group <id or name>.",
      });
    }
    await using environment = await openEnvironment(stack, context, {
      create: true,
      needsVendors: true,
      lock: wait === true ? "wait" : "refuse",
    });
    const vendors = vendorsOf(context);
    const namespaces = await adoptNamespaces(environment, namespace, vendors, yes, context);
    const moved = group === undefined ? undefined : await adoptGroup(environment, group, vendors, options, context);
    return { stack, namespaces, ...(moved === undefined ? {} : { group: moved }) };
  },
});

async function adoptNamespaces(
  environment: OpenEnvironment,
  requested: readonly string[],
  vendors: Vendors,
  yes: boolean | undefined,
  context: Context,
): Promise<Readonly<Record<string, string>>> {
  const { name, config, project, session } = environment;
  if (requested.length === 0) return {};
  const { accountId } = config.cloudflare;
  const exported = await session.exportState();
  const adoptions = planNamespaceAdoption({
    requested,
    environment: name,
    config,
    existing: await vendors.cloudflare.namespaces(accountId),
    recorded: readRecordedObjects(exported).namespaces,
    others: (await listEnvironments(project)).filter((other) => other !== name),
  });
  for (const { id, title, oldTitle } of adoptions) {
    if (oldTitle === undefined) continue;
    await requireConfirmation(`Rename ${oldTitle} to ${title}? Its id and data stay.`, "change", yes, context);
    await vendors.cloudflare.renameNamespace(accountId, id, title);
  }
  const rules = { adopt: true, removeUsed: false, yes };
  const reconciled = await reconcile(environment, exported, vendors, rules, context);
  const { adopted } = reconciled;
  guardTransition(readRecorded(await session.exportState()), config);
  await applyChanges(environment, { adopt: adoptionOf(reconciled), yes }, context);
  context.output.text(`${name}: ${String(Object.keys(adopted).length)} namespace(s) taken up, with all data`);
  return adopted;
}

const variablesSchema = z.record(z.string(), z.string());

async function adoptGroup(
  environment: OpenEnvironment,
  reference: string,
  vendors: Vendors,
  { leftBlueprint = false, yes }: AdoptOptions,
  context: Context,
): Promise<{ readonly moved: readonly string[]; readonly stayed: readonly string[]; readonly removed: boolean }> {
  const { name, config, session } = environment;
  const outputs = requireOutputs(await session.outputs());
  const recorded = readRecordedObjects(await session.exportState());
  const group = await findGroup(vendors, config.render.ownerId, reference, recorded);
  const blueprints = await vendors.render.blueprints(config.render.ownerId);
  const values = ["variables", "secretVariables"].map((key) => variablesSchema.parse(outputs[key]?.value));
  const dedicated = new Map(
    values.flatMap((part) => Object.entries(part)).map(([key, value]) => [key, new Secret(value)]),
  );
  const own = await Promise.all(recorded.groups.map(({ id }) => vendors.render.group(id)));
  const served = own.flatMap((existing) => existing?.serviceLinks ?? []).map(({ id }) => id);
  const plan = planGroupAdoption({ group, dedicated, environment: name, served, blueprints, leftBlueprint });
  if (plan.move.length === 0) {
    context.output.text(`${group.name} holds no variable that the environment's own group gives: nothing to do`);
    return { moved: [], stayed: plan.stay, removed: false };
  }
  for (const key of plan.move) {
    const note = plan.changed.includes(key) ? " (another value from now on)" : "";
    context.output.note(`  - ${key}${note}`);
  }
  const isEmptied = plan.stay.length === 0;
  const what = isEmptied
    ? `Delete the group ${group.name}`
    : `Take ${String(plan.move.length)} variables out of ${group.name}`;
  await requireConfirmation(`${what}? The environment's own group gives them.`, "change", yes, context);
  // Render refuses a group without variables.
  if (isEmptied) await vendors.render.deleteGroup(group.id);
  else for (const key of plan.move) await vendors.render.deleteGroupVariable(group.id, key);
  const left = isEmptied ? "deleted: it held nothing else" : `keeps ${plan.stay.join(", ")}`;
  context.output.text(`${group.name} ${left}`);
  context.output.text("Services see the change with their next deploy.");
  return { moved: plan.move, stayed: plan.stay, removed: isEmptied };
}

async function findGroup(
  { render }: Vendors,
  ownerId: string,
  reference: string,
  recorded: RecordedObjects,
): Promise<RenderGroup> {
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
  if (group?.ownerId === ownerId) return group;
  throw new AppError("USAGE", { problem: `The workspace ${ownerId} has no environment group ${reference}.`, fix });
}
