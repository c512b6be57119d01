import pMap from "p-map";

import { AppError } from "../../core/app-error.ts";
import type { RunContext } from "../../core/run-context.ts";
import { isJsonObject } from "../../core/json-object.ts";
import { Secret } from "../../core/secret.ts";
import type { DriftedResource } from "../../engine/drift.ts";
import type { Session } from "../../engine/session.ts";
import { type AccountSharing, accountSharing } from "../../policy/account-neighbours.ts";
import { neighboursOf, readEnvironmentFiles } from "../../policy/neighbours.ts";
import { type RecordedIdentity, readIdentity } from "../../state/identity.ts";
import { readRecordedObjects, type RecordedObjects } from "../../state/objects.ts";
import { type Outputs, stackNotFound } from "../../state/outputs.ts";
import type { NamedSecret } from "../../state/group-variables.ts";
import { type Provisioned, readProvisioned } from "../../state/provisioned.ts";
import { type Recorded, readRecorded } from "../../state/recorded.ts";
import type { Run } from "../../state/runs.ts";
import type {
  CloudflareNamespace,
  CloudflareToken,
  CloudflareWorker,
  DeployedVersion,
} from "../../vendors/cloudflare.ts";
import { type Vendors, READS_AT_ONCE } from "../../vendors/endpoints.ts";
import type { Render, RenderGroup } from "../../vendors/render.ts";
import { type Verdict, verifyLive } from "../environment/live-secrets.ts";
import type { OpenEnvironment } from "../environment/open-environment.ts";
import type { Surroundings } from "../ownership/look-around.ts";
import { findDifferences } from "../reconcile/findings.ts";
import { observe as observeVendors } from "../reconcile/observe.ts";
import { planReconciliation, type ReconcilePlan } from "../reconcile/plan.ts";
import { changedVariables, type VariableChange } from "../reconcile/variable-changes.ts";
import { type ObservedService, observeServices } from "./observe-services.ts";
import type { OtherGroup, ServiceVariables } from "./shadowing.ts";

/** The group of an environment as Render has it; names of variables only. */
export interface ObservedGroup {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly keys: readonly string[];
  readonly changes: readonly VariableChange[];
  readonly links: readonly { readonly id: string; readonly name: string }[];
}

/** The gateway's Worker as Cloudflare has it. */
export interface ObservedGateway {
  readonly id: string;
  readonly name: string;
  readonly deployed: readonly DeployedVersion[];
}

/** What the providers found, or why the engine could not look. */
export type DriftObservation =
  | { readonly looked: true; readonly resources: readonly DriftedResource[] }
  | { readonly looked: false; readonly error: AppError };

/** Everything that is known of an environment, before anything is made of it. Holds no value of a variable. */
export interface Observation {
  readonly environment: string;
  readonly config: OpenEnvironment["config"];
  readonly sharing: AccountSharing;
  readonly lastRun: Run | undefined;
  readonly identity: RecordedIdentity | undefined;
  readonly recorded: Recorded;
  readonly objects: RecordedObjects;
  readonly provisioned: Provisioned;
  readonly namespaces: readonly CloudflareNamespace[];
  readonly tokens: readonly CloudflareToken[];
  /** What became of the secret of each live credential where it is used, by id. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Absent where there is none, or it is gone. */
  readonly gateway: ObservedGateway | undefined;
  readonly group: ObservedGroup | undefined;
  /** Names of what the last run gave the group. */
  readonly givenKeys: readonly string[];
  readonly services: readonly ObservedService[];
  readonly serviceVariables: readonly ServiceVariables[];
  /** Services that Render made for pull requests of the environment's services: the id of the parent by their own. */
  readonly previews: ReadonlyMap<string, string>;
  readonly otherGroups: readonly OtherGroup[];
  /** What `up` would bring together before it runs the engine. */
  readonly unrecorded: ReconcilePlan;
  readonly drift: DriftObservation;
}

/**
 * Asks the state and both vendors, side by side where they allow it; changes nothing.
 *
 * @throws AppError STACK_NOT_FOUND where nothing is recorded
 * @throws AppError CLOSED_BY_SIGNAL after an interrupt, and with the code of what failed (docs/errors.md)
 */
export async function observe(
  environment: OpenEnvironment,
  vendors: Vendors,
  run: Pick<RunContext, "signal">,
): Promise<Observation> {
  const { name, config, project, session } = environment;
  const [state, runs] = await Promise.all([session.exportState(), session.recentRuns()]);
  const objects = readRecordedObjects(state);
  const provisioned = readProvisioned(state, runs);
  if (provisioned.outputs === undefined && Object.values(objects).every((list) => list.length === 0)) {
    throw stackNotFound();
  }
  const neighbours = neighboursOf(name, readEnvironmentFiles(project.folder));
  const names = { environment: name, config };
  const asked = [
    session.outputs(),
    lookForDrift(session),
    observeVendors(vendors, { ...names, neighbours, recorded: objects }),
    observeRender(vendors.render, config.render),
    verifyLive(environment, state, run),
  ] as const;
  // Where a vendor refuses, the engine is still at work in its folder, which the caller is about to remove.
  await Promise.allSettled(asked);
  const [outputs, drift, atVendors, atRender, verdicts] = await Promise.all(asked);
  const given = givenVariables(outputs);
  const findings = findDifferences({ ...names, neighbours, recorded: objects, observed: atVendors, given });
  const groupId = objects.groups[0]?.id;
  const group = atVendors.groups.find(({ id }) => id === groupId);
  return {
    ...names,
    sharing: accountSharing(neighbours, config.cloudflare.accountId),
    lastRun: runs[0],
    identity: readIdentity(state),
    recorded: readRecorded(state),
    objects,
    provisioned,
    namespaces: atVendors.namespaces,
    tokens: atVendors.tokens,
    verdicts,
    gateway: await observeGateway(vendors, config, objects, atVendors.workers),
    group: group && withoutValues(group, given),
    givenKeys: given.map(({ key }) => key),
    ...atRender,
    otherGroups: otherGroupsOf(atVendors.around, config.render.services),
    // What the gateway serves is judged with the gateway.
    unrecorded: planReconciliation(
      { ...findings, rolledBack: [] },
      { operation: "up", kind: config.kind, adopt: false, removeUsed: false },
    ),
    drift,
  };
}

async function observeGateway(
  { cloudflare }: Vendors,
  config: OpenEnvironment["config"],
  { workers: recorded }: RecordedObjects,
  existing: readonly CloudflareWorker[],
): Promise<ObservedGateway | undefined> {
  const worker = existing.find(({ id }) => recorded.some((object) => object.id === id));
  if (worker === undefined) return undefined;
  const { id, name } = worker;
  return { id, name, deployed: await cloudflare.deployedVersions(config.cloudflare.accountId, name) };
}

async function lookForDrift(session: Session): Promise<DriftObservation> {
  try {
    return { looked: true, resources: await session.previewRefresh() };
  } catch (error) {
    if (error instanceof AppError && error.code !== "CLOSED_BY_SIGNAL") return { looked: false, error };
    throw error;
  }
}

/** What the last good run gave the group; the outputs are decrypted, so nothing but names leaves this file. */
function givenVariables(outputs: Outputs): NamedSecret[] {
  const parts = ["variables", "secretVariables"].map((output) => outputs[output]?.value);
  return parts.flatMap((part) =>
    isJsonObject(part) ? Object.entries(part).map(([key, value]) => ({ key, value: new Secret(String(value)) })) : [],
  );
}

function withoutValues(group: RenderGroup, given: readonly NamedSecret[]): ObservedGroup {
  const { id, name, createdAt, envVars, serviceLinks } = group;
  return {
    id,
    name,
    createdAt,
    keys: envVars.map(({ key }) => key),
    changes: given.length === 0 ? [] : changedVariables(given, envVars),
    links: serviceLinks,
  };
}

type RenderParts = Pick<Observation, "services" | "serviceVariables" | "previews">;

async function observeRender(
  render: Render,
  { ownerId, services: ids }: OpenEnvironment["config"]["render"],
): Promise<RenderParts> {
  const [services, listed] = await Promise.all([observeServices(render, ownerId, ids), render.services(ownerId)]);
  const existing = services.flatMap(({ id, name }) => (name === undefined ? [] : [{ id, name }]));
  const serviceVariables = await pMap(
    existing,
    async ({ id, name }) => {
      const variables = await render.serviceVariables(id);
      return { id, name, keys: variables.map(({ key }) => key) };
    },
    READS_AT_ONCE,
  );
  const previews = listed.flatMap(({ id, serviceDetails }) => {
    const parent = serviceDetails?.parentServer?.id;
    return parent !== undefined && ids.includes(parent) ? [[id, parent] as const] : [];
  });
  return { services, serviceVariables, previews: new Map(previews) };
}

/** Groups beside the environment's own that are linked to its services; names of variables only. */
function otherGroupsOf({ linked, others }: Surroundings, services: readonly string[]): OtherGroup[] {
  return linked.map(({ id, name, createdAt, envVars, serviceLinks }) => {
    const owner = others.find(({ group }) => group.id === id)?.owner;
    return {
      id,
      name,
      createdAt,
      keys: envVars.map(({ key }) => key),
      services: serviceLinks.filter((link) => services.includes(link.id)).map((link) => link.name),
      ...(owner === undefined ? {} : { owner: owner.who }),
    };
  });
}
