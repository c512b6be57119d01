import type { EnvironmentConfig } from "../../config/schema.ts";
import {
  credentialOfName,
  environmentGroupName,
  gatewayWorkerName,
  namespaceTitle,
  nameStem,
} from "../../core/names.ts";
import type { Neighbours } from "../../policy/model.ts";
import type { NamedSecret } from "../../state/group-variables.ts";
import type { RecordedObject, RecordedObjects } from "../../state/objects.ts";
import { isDead } from "../../vendors/cloudflare.ts";
import { blueprintOf } from "../../vendors/render.ts";
import { selfOf } from "../ownership/look-around.ts";
import { namesake, type Owner, ownerOfGroup, ownerOfNamespace, ownerOfWorker } from "../ownership/owners.ts";
import { type EditedObject, findEdits } from "./edits.ts";
import type { Observed } from "./observe.ts";

export type ObjectKind = "namespace" | "token" | "group" | "link" | "worker" | "worker-part";

/** The state knows it, the vendor does not: somebody deleted it, or the answer to its deletion was lost. */
export interface GoneObject extends RecordedObject {
  readonly kind: ObjectKind;
}

/** Something of our exact name that the state does not know may be another environment's of the same name. */
export interface MaybeForeign {
  /** The other environment; absent where nothing speaks for one. */
  readonly owner?: Owner;
}

/** The vendor has a namespace of our exact title that the state does not know. */
export interface UnrecordedNamespace extends MaybeForeign {
  /** The name in the program. */
  readonly name: string;
  readonly id: string;
  readonly title: string;
}

/** Cloudflare has a Worker of the gateway's exact name that the state does not know. */
export interface UnrecordedWorker extends MaybeForeign {
  readonly id: string;
  readonly name: string;
}

export interface OrphanToken extends MaybeForeign {
  readonly id: string;
  readonly name: string;
  /** When it was used; absent where it never was, or can be no more. A token that was used may be held by services. */
  readonly lastUsedOn?: string;
}

export interface OrphanGroup extends MaybeForeign {
  readonly id: string;
  readonly name: string;
  /** Names of what it holds beside the variables of kvshift: somebody else's. */
  readonly foreign: readonly string[];
  /** Names of the services that are linked to it. */
  readonly services: readonly string[];
  /** The Blueprint that owns it: its next sync would write it again. */
  readonly blueprint?: string;
}

/** A gateway that serves another version than the last run deployed. */
export interface RolledBack {
  /** The Worker's at Cloudflare. */
  readonly name: string;
  /** The version that the last run deployed. */
  readonly versionId: string;
}

/** Where the state and the vendors differ. What takes the providers to see it is drift: `refresh` finds it. */
export interface Findings {
  readonly gone: readonly GoneObject[];
  readonly namespaces: readonly UnrecordedNamespace[];
  readonly workers: readonly UnrecordedWorker[];
  readonly tokens: readonly OrphanToken[];
  readonly groups: readonly OrphanGroup[];
  readonly edited: readonly EditedObject[];
  readonly rolledBack: readonly RolledBack[];
  /** URNs of creations that were under way when a run broke off. */
  readonly pendingCreates: readonly string[];
}

export interface CompareOptions {
  readonly environment: string;
  readonly config: Pick<EnvironmentConfig, "app" | "namespaces">;
  readonly recorded: RecordedObjects;
  readonly observed: Observed;
  /** What the engine last gave the group. */
  readonly given: readonly NamedSecret[];
  /** The project's other environments. */
  readonly neighbours: Neighbours;
}

const OWN_VARIABLE = /^(CLOUDFLARE_KV_|UPSTASH_REDIS_REST_)/;

/** Compares what the state knows with what the vendors have under the names of the environment. Pure. */
export function findDifferences(options: CompareOptions): Findings {
  const { environment, config, recorded, observed, given, neighbours } = options;
  const { app } = config;
  const self = selfOf(environment, config, recorded, neighbours);
  const { others } = observed.around;
  const serves = [...observed.servedByWorkers.values()].map((served) => ownerOfWorker(served, self, others));
  const twin = namesake(self, others) ?? serves.find((owner) => owner !== undefined);
  const names = new Map(Object.keys(config.namespaces).map((name) => [namespaceTitle(app, environment, name), name]));
  const tokenPrefix = `${nameStem(app, environment)}-`;
  const groupName = environmentGroupName(app, environment);
  return {
    gone: [
      ...missing("link", recorded.links, observed.groups),
      ...missing("group", recorded.groups, observed.groups),
      ...missing(
        "token",
        recorded.tokens,
        observed.tokens.filter((token) => !isDead(token)),
      ),
      ...missing("namespace", recorded.namespaces, observed.namespaces),
      ...missingWorkers(recorded, observed),
      ...missingHostNames(recorded, observed),
    ],
    namespaces: unknown(observed.namespaces, recorded.namespaces).flatMap(({ id, title }) => {
      const name = names.get(title);
      if (name === undefined) return [];
      const owner = ownerOfNamespace({ id, title }, self, others) ?? twin;
      return [{ name, id, title, ...foreign(owner) }];
    }),
    workers: unknown(observed.workers, recorded.workers)
      .filter(({ name }) => name === gatewayWorkerName(app, environment))
      .map(({ id, name }) => ({
        id,
        name,
        ...foreign(ownerOfWorker(observed.servedByWorkers.get(id), self, others)),
      })),
    tokens: unknown(observed.tokens, recorded.tokens)
      .filter(({ name }) => name.startsWith(tokenPrefix) && credentialOfName(name.slice(tokenPrefix.length)))
      .map((token) => ({
        id: token.id,
        name: token.name,
        ...(token.last_used_on && !isDead(token) ? { lastUsedOn: token.last_used_on } : {}),
        ...foreign(twin),
      })),
    groups: unknown(observed.groups, recorded.groups)
      .filter(({ name }) => name === groupName)
      .map(({ id, name, envVars, secretFiles, serviceLinks }) => ({
        id,
        name,
        ...foreign(ownerOfGroup({ id, name, envVars }, self)),
        ...ownerOf(id, observed.blueprints),
        foreign: [
          ...envVars.map(({ key }) => key).filter((key) => !OWN_VARIABLE.test(key)),
          ...secretFiles.map((file) => file.name),
        ],
        services: serviceLinks.map((link) => link.name),
      })),
    edited: findEdits(recorded, observed, given),
    rolledBack: rolledBack(recorded, observed),
    pendingCreates: recorded.pendingCreates,
  };
}

function foreign(owner: Owner | undefined): MaybeForeign {
  return owner === undefined ? {} : { owner };
}

/** What exists and is not known. */
function unknown<T extends { readonly id: string }>(existing: readonly T[], known: readonly RecordedObject[]): T[] {
  return existing.filter(({ id }) => !known.some((object) => object.id === id));
}

/** What is known and does not exist. */
function missing(
  kind: ObjectKind,
  known: readonly RecordedObject[],
  existing: readonly { readonly id: string }[],
): GoneObject[] {
  const gone = known.filter(({ id }) => !existing.some((object) => object.id === id));
  return gone.map(({ urn, name, id }) => ({ urn, name, id, kind }));
}

/** A Worker takes its versions and its host name with it: no vendor lists those apart. */
function missingWorkers({ workers, workerVersions, customDomains }: RecordedObjects, observed: Observed): GoneObject[] {
  const gone = missing("worker", workers, observed.workers);
  return gone.length === 0 ? [] : [...missing("worker-part", [...workerVersions, ...customDomains], []), ...gone];
}

/** A host name that was taken from a Worker which is there. */
function missingHostNames({ workers, customDomains }: RecordedObjects, observed: Observed): GoneObject[] {
  const isThere = workers.some(({ id }) => observed.workers.some((worker) => worker.id === id));
  return isThere ? missing("worker-part", customDomains, observed.hostNames) : [];
}

/** What a Worker serves that the last run did not deploy: somebody rolled it back, or deployed beside it. */
function rolledBack({ workers, workerVersions }: RecordedObjects, observed: Observed): RolledBack[] {
  const [version] = workerVersions;
  if (version === undefined) return [];
  return workers.flatMap(({ id }) => {
    const worker = observed.workers.find((one) => one.id === id);
    const served = observed.served.get(id) ?? [];
    if (worker === undefined || served.length === 0) return [];
    const isOwn = served.length === 1 && served[0]?.id === version.id;
    return isOwn ? [] : [{ name: worker.name, versionId: version.id }];
  });
}

function ownerOf(groupId: string, blueprints: Observed["blueprints"]): { readonly blueprint?: string } {
  const owner = blueprintOf(groupId, blueprints);
  return owner === undefined ? {} : { blueprint: owner.name };
}
