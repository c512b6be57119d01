import { z } from "zod";

import {
  environmentOfCredential,
  type EnvironmentKind,
  namespaceIdVariable,
  nameStem,
  stemOfGroup,
} from "../../core/names.ts";
import type { Neighbour } from "../../policy/model.ts";
import type { RenderGroup } from "../../vendors/render.ts";

/** An environment, as far as it takes to tell what is not its own. */
export interface Self {
  readonly app: string;
  readonly environment: string;
  /** Ids of the groups that its state knows. */
  readonly groups: readonly string[];
  /** Ids of the namespaces that its state knows. */
  readonly namespaces: readonly string[];
  /** The project's other environments. */
  readonly neighbours: readonly Other[];
}

/** Another environment of the project: its kind is not known where its file cannot be read. */
export interface Other extends Pick<Neighbour, "app" | "environment"> {
  readonly kind: EnvironmentKind | undefined;
}

/** Whose an object at a vendor is, where it is another environment's: of this project or of any other. */
export interface Owner {
  /** For the middle of a sentence: `the environment prod`. */
  readonly who: string;
  /**
   * As the files of this project say. No vendor knows it: of an environment that they do not describe it is production
   * where its name says so, and otherwise not known.
   */
  readonly kind: EnvironmentKind | undefined;
  /** What says so, for the end of a sentence: `its name is …`. */
  readonly evidence: string;
}

/** A group of another environment. */
export interface OwnedGroup {
  readonly group: RenderGroup;
  readonly owner: Owner;
}

const CREDENTIAL_VARIABLE = "CLOUDFLARE_KV_CREDENTIAL_ID";
const NAMESPACES_VARIABLE = "CLOUDFLARE_KV_NAMESPACES";
const NAMESPACE_VARIABLE = namespaceIdVariable("");
const namespacesSchema = z.record(z.string(), z.looseObject({ id: z.string() }));

/**
 * The other environment that a group belongs to; `undefined` where it is the environment's own, or people made it.
 *
 * kvshift alone names groups `…-cloudflare-kv` and gives them a credential's id, which begins with its environment:
 * people who write variables by hand have neither a name nor an id of that kind. Where the name of a group is ours, the
 * id decides: two pairs of application and environment may give the same name. A group of another name that holds an
 * id of this environment is a copy of its variables only while it names no namespace but its own. A group without an id
 * is another's where it names a namespace that a group of `others` names too. Pure.
 */
export function ownerOfGroup(
  group: Pick<RenderGroup, "id" | "name" | "envVars">,
  self: Self,
  others: readonly OwnedGroup[] = [],
): Owner | undefined {
  if (self.groups.includes(group.id)) return undefined;
  const stem = stemOfGroup(group.name);
  const environment = credentialEnvironmentOf(group);
  const namespaces = namespacesOf(group);
  const isOurName = stem === nameStem(self.app, self.environment);
  const named = `its ${CREDENTIAL_VARIABLE} names the environment ${String(environment)}`;
  if (environment !== undefined && environment !== self.environment) return identify(stem, environment, self, named);
  if (stem !== undefined && !isOurName) return identify(stem, environment, self, `its name is ${group.name}`);
  const foreign = namespaces.filter((id) => !self.namespaces.includes(id));
  if (environment !== undefined && !isOurName && foreign.length > 0) {
    const evidence = `${named}, and it names namespaces that are not of this one: ${foreign.join(", ")}`;
    return { who: `an environment ${environment} of another project`, kind: undefined, evidence };
  }
  return foreign.map((id) => claimOf(id, others)).find((owner) => owner !== undefined);
}

/**
 * The other environment that a namespace belongs to: one whose group names its id, or one of the project that its title
 * begins with. A title that begins like that of two environments is the one's with the longer name. Pure.
 */
export function ownerOfNamespace(
  { id, title }: { readonly id: string; readonly title: string },
  self: Self,
  others: readonly OwnedGroup[],
): Owner | undefined {
  if (self.namespaces.includes(id)) return undefined;
  const claim = claimOf(id, others);
  if (claim !== undefined) return claim;
  const ownStem = nameStem(self.app, self.environment);
  const ownLength = title.startsWith(`${ownStem}-`) ? ownStem.length : 0;
  const [neighbour] = self.neighbours
    .filter(({ app, environment }) => title.startsWith(`${nameStem(app, environment)}-`))
    .toSorted((a, b) => nameStem(b.app, b.environment).length - nameStem(a.app, a.environment).length);
  if (neighbour === undefined || nameStem(neighbour.app, neighbour.environment).length < ownLength) return undefined;
  return ownerOf(neighbour, `its title is ${title}`);
}

/**
 * The other environment whose names are the same as this one's: nothing that is found by name alone can be told apart
 * from its objects. Pure.
 */
export function namesake(self: Self, others: readonly OwnedGroup[]): Owner | undefined {
  const stem = nameStem(self.app, self.environment);
  const twin = self.neighbours.find(({ app, environment }) => nameStem(app, environment) === stem);
  if (twin !== undefined) return ownerOf(twin, `application and environment together are ${stem} there too`);
  const group = others.find((other) => stemOfGroup(other.group.name) === stem);
  return (
    group && { ...group.owner, evidence: `the group ${group.group.id} has the name of ours; ${group.owner.evidence}` }
  );
}

/** The other environment that a Worker of our name serves, by the environment that its version was told. Pure. */
export function ownerOfWorker(
  served: string | undefined,
  self: Self,
  others: readonly OwnedGroup[],
): Owner | undefined {
  if (served === self.environment) return undefined;
  if (served === undefined) return namesake(self, others);
  return identify(nameStem(self.app, self.environment), served, self, `it serves the environment ${served}`);
}

function claimOf(id: string, others: readonly OwnedGroup[]): Owner | undefined {
  const holder = others.find(({ group }) => namespacesOf(group).includes(id));
  return holder && { ...holder.owner, evidence: `the group ${holder.group.name} names the namespace ${id}` };
}

/** `stem` is that of a name, `environment` that of a credential: together they tell the application as well. */
export function identify(
  stem: string | undefined,
  environment: string | undefined,
  self: Self,
  evidence: string,
): Owner {
  const neighbour = self.neighbours.find(
    (other) =>
      nameStem(other.app, other.environment) === stem &&
      (environment === undefined || other.environment === environment),
  );
  if (neighbour !== undefined) return ownerOf(neighbour, evidence);
  const name = environment ?? stem ?? "of no name";
  return { who: `the environment ${name}, which no file of this project describes`, kind: kindByName(name), evidence };
}

function ownerOf({ environment, kind = kindByName(environment) }: Other, evidence: string): Owner {
  return { who: `the environment ${environment}`, kind, evidence };
}

const PRODUCTION_NAME = /(?:^|-)(?:prod|production|prd|live)$/;

function kindByName(name: string): EnvironmentKind | undefined {
  return PRODUCTION_NAME.test(name) ? "production" : undefined;
}

/** The environment that a group's credential is of; `undefined` where it holds none of ours. */
export function credentialEnvironmentOf({ envVars }: Pick<RenderGroup, "envVars">): string | undefined {
  const id = envVars.find(({ key }) => key === CREDENTIAL_VARIABLE);
  return id && environmentOfCredential(id.value.reveal());
}

/** Ids of the namespaces that a group names. */
function namespacesOf({ envVars }: Pick<RenderGroup, "envVars">): string[] {
  const single = envVars.filter(({ key }) => key.startsWith(NAMESPACE_VARIABLE)).map(({ value }) => value.reveal());
  const all = envVars.find(({ key }) => key === NAMESPACES_VARIABLE)?.value.reveal();
  return [...new Set([...single, ...(all === undefined ? [] : idsIn(all))])];
}

/** People may have written anything into the variable. */
function idsIn(text: string): string[] {
  try {
    return Object.values(namespacesSchema.parse(JSON.parse(text))).map(({ id }) => id);
  } catch {
    return [];
  }
}
