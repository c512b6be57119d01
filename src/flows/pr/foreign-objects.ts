import pMap from "p-map";

import {
  environmentGroupName,
  gatewayWorkerName,
  nameStem,
  previewEnvironment,
  stemOfGroup,
} from "../../core/names.ts";
import { type EnvironmentFiles, neighboursOf } from "../../policy/neighbours.ts";
import type { Cloudflare } from "../../vendors/cloudflare.ts";
import { READS_AT_ONCE } from "../../vendors/endpoints.ts";
import type { Render, RenderGroup } from "../../vendors/render.ts";
import { type ServingGateway, servingGateways } from "../ownership/gateways.ts";
import { ownedGroups, selfOf } from "../ownership/look-around.ts";
import { credentialEnvironmentOf, ownerOfGroup, ownerOfNamespace, ownerOfWorker } from "../ownership/owners.ts";
import type { Removal } from "../reconcile/plan.ts";
import { OBJECT_NAMES } from "../reconcile/reconcile.ts";
import { type NamedObject, pullRequestOfObject, type SweepFacts } from "./sweep-plan.ts";

interface Place extends Pick<SweepFacts, "app" | "namespaces"> {
  readonly accountId: string;
  /** Of the files of the project. */
  readonly neighbours: EnvironmentFiles;
}

/** What the vendors hold beside names: values of variables in it are secrets. */
export interface Evidence {
  /** Groups that are named like those of kvshift. */
  readonly groups: readonly RenderGroup[];
  readonly gateways: readonly ServingGateway[];
}

type Reads = {
  readonly cloudflare: Pick<Cloudflare, "workers" | "deployedVersions" | "versionTexts">;
  readonly render: Pick<Render, "owners" | "groups" | "group">;
};

/**
 * Takes out of `objects` those that are named like parts of a preview and are another environment's, or may be: an
 * application `shop-pr` has the same names in its environment `42` as `shop` in its preview `pr-42`. `foreign` says of
 * each why it stays. Looks into groups and gateways of every workspace that the key sees; changes nothing.
 *
 * @throws AppError VENDOR_FAILED
 */
export async function separateForeign(
  objects: readonly NamedObject[],
  place: Place,
  vendors: Reads,
): Promise<{ readonly own: readonly NamedObject[]; readonly foreign: readonly string[] }> {
  const named = objects.flatMap((object) => {
    const pr = pullRequestOfObject(object, place);
    return pr === undefined ? [] : [{ object, pr }];
  });
  if (named.length === 0) return { own: [], foreign: [] };
  const evidence = await gather(place.accountId, vendors);
  const judged = named.map(({ object, pr }) => ({ object, why: reasonToStay(object, pr, place, evidence) }));
  return {
    own: judged.flatMap(({ object, why }) => (why === undefined ? [object] : [])),
    foreign: judged.flatMap(({ object: { kind, name }, why }) =>
      why === undefined ? [] : [`the ${OBJECT_NAMES[kind]} ${name} is named like part of a preview, and stays: ${why}`],
    ),
  };
}

async function gather(accountId: string, { cloudflare, render }: Reads): Promise<Evidence> {
  const [gateways, owners] = await Promise.all([servingGateways(cloudflare, accountId, () => true), render.owners()]);
  const listed = await Promise.all(owners.map(({ id }) => render.groups(id)));
  const ours = listed.flat().filter(({ name }) => stemOfGroup(name) !== undefined);
  const groups = await pMap(ours, ({ id }) => render.group(id), READS_AT_ONCE);
  return { gateways, groups: groups.filter((group) => group !== undefined) };
}

/**
 * Why an object that is named like part of the preview of `pr` is to be left alone; `undefined` where nothing speaks
 * against it. A group and a gateway say themselves whose they are. A namespace or a token does not: it goes with the
 * group and the gateway of its name, and with those that name it. Pure.
 */
export function reasonToStay(
  { kind, id, name }: Removal,
  pr: number,
  { app, neighbours }: Pick<Place, "app" | "neighbours">,
  { groups, gateways }: Evidence,
): string | undefined {
  const environment = previewEnvironment(pr);
  const known = neighboursOf(environment, neighbours);
  const self = selfOf(environment, { app }, { groups: [], namespaces: [] }, known);
  const others = ownedGroups(groups, self);
  const twin = self.neighbours.find((other) => nameStem(other.app, other.environment) === nameStem(app, environment));
  if (twin !== undefined) return `the environment ${twin.environment} of this project has the same names`;

  const ofGroup = (group: RenderGroup): string | undefined => {
    const owner = ownerOfGroup(group, self, others);
    if (owner !== undefined) return `it is of ${owner.who} (${owner.evidence})`;
    return credentialEnvironmentOf(group) === undefined ? "no variable of it says whose it is" : undefined;
  };
  const ofWorker = (): string | undefined => {
    const serving = gateways.find((gateway) => gateway.name === gatewayWorkerName(app, environment));
    if (serving === undefined) return "no deployed version of it says which environment it serves";
    const owner = ownerOfWorker(serving.environment, self, others);
    return owner && `it is of ${owner.who} (${owner.evidence})`;
  };
  if (kind === "group") {
    const group = groups.find((one) => one.id === id);
    return group === undefined ? "it is gone, or changing right now" : ofGroup(group);
  }
  if (kind === "worker") return ofWorker();

  const siblings = groups.filter((group) => group.name === environmentGroupName(app, environment));
  for (const group of siblings) {
    if (ofGroup(group) !== undefined) return `it may go with the group ${group.name} (${group.id}), which stays too`;
  }
  const worker = gateways.find((gateway) => gateway.name === gatewayWorkerName(app, environment));
  if (worker !== undefined && ofWorker() !== undefined)
    return `it may go with the Worker ${worker.name}, which stays too`;
  if (kind === "token") return undefined;
  const holder = gateways.find((gateway) => gateway !== worker && gateway.namespaces.includes(id));
  if (holder !== undefined) return `the Worker ${holder.name} serves it`;
  const owner = ownerOfNamespace({ id, title: name }, self, others);
  return owner && `it is of ${owner.who} (${owner.evidence})`;
}
