import { AppError } from "../../core/app-error.ts";
import { stemOfGroup } from "../../core/names.ts";
import { neighboursOf, readEnvironmentFiles } from "../../policy/neighbours.ts";
import { READS_AT_ONCE } from "../../vendors/endpoints.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { RenderGroup } from "../../vendors/render.ts";
import pMap from "p-map";
import type { OpenEnvironment } from "../environment/open-environment.ts";
import { lookAround, selfOf, type Surroundings } from "../ownership/look-around.ts";
import { readRecordedObjects } from "../../state/objects.ts";
import type { PreviewService } from "./find-services.ts";

/** A link that a preview service got from its parent: to a group of another environment. */
export interface InheritedLink {
  readonly groupId: string;
  readonly groupName: string;
  readonly serviceId: string;
}

/** What the preview services of a request have before they get anything of their own. */
export interface Inheritance {
  readonly links: readonly InheritedLink[];
  /** Why the preview must not be. */
  readonly refusals: readonly string[];
}

const PREVIEW_GROUP = /-pr-[1-9]\d*-cloudflare-kv$/;
const REPLACED = /^(?:CLOUDFLARE_KV_|UPSTASH_)/;

/** Looks at what the preview services were given by Render; changes nothing. */
export async function lookAtInheritance(
  { name, config, project, session }: OpenEnvironment,
  { render }: Pick<Vendors, "render">,
  services: readonly PreviewService[],
): Promise<Inheritance> {
  const neighbours = neighboursOf(name, readEnvironmentFiles(project.folder));
  const self = selfOf(name, config, readRecordedObjects(await session.exportState()), neighbours);
  const parents = services.map(({ parent }) => parent);
  const { ownerId } = config.render;
  const ids = services.map(({ id }) => id);
  const [surroundings, ofServices] = await Promise.all([
    lookAround(render, { ownerId, services: [...parents, ...ids] }, self),
    pMap(
      services,
      async (service) => ({ service, keys: (await render.serviceVariables(service.id)).map(({ key }) => key) }),
      READS_AT_ONCE,
    ),
  ]);
  const named = neighbours.known.filter(({ kind }) => kind === "production");
  return {
    links: inheritedLinks(surroundings, ids),
    refusals: [
      ...named.flatMap(({ environment, services: theirs }) =>
        parents
          .filter((id) => theirs.includes(id))
          .map((id) => `${id} is a service of ${environment}, which is production`),
      ),
      ...ofProduction(surroundings, parents),
      ...ofOtherRequests(surroundings, parents, ids),
      ...ofServices.flatMap(({ service, keys }) =>
        keys
          .filter((key) => REPLACED.test(key))
          .map((key) => `${key} is a variable of the service ${service.name} itself, and would win over the group's`),
      ),
      ...strangersOf(surroundings, ids),
    ],
  };
}

/** @throws AppError PREVIEW_REFUSED with all reasons */
export function refuseInheritance(name: string, { refusals }: Inheritance): void {
  if (refusals.length === 0) return;
  throw new AppError("PREVIEW_REFUSED", {
    problem: `${name} would have variables that are not its own.`,
    details: refusals,
    fix: "Let previews be made of services that production does not serve, and take variables that begin with CLOUDFLARE_KV_ or UPSTASH_ off the services and out of other groups.",
  });
}

function inheritedLinks({ others }: Surroundings, services: readonly string[]): InheritedLink[] {
  return others.flatMap(({ group }) =>
    linksOf(group, services).map((serviceId) => ({ groupId: group.id, groupName: group.name, serviceId })),
  );
}

function ofProduction({ others }: Surroundings, parents: readonly string[]): string[] {
  return others
    .filter(({ owner }) => owner.kind === "production")
    .flatMap(({ group, owner }) =>
      linksOf(group, parents).map(
        (id) => `${id} is linked to ${group.name}, the group of ${owner.who} (${owner.evidence})`,
      ),
    );
}

/** A service that holds the group of another request, which its parent does not: it did not inherit that. */
function ofOtherRequests({ others }: Surroundings, parents: readonly string[], services: readonly string[]): string[] {
  return others
    .filter(({ group }) => PREVIEW_GROUP.test(group.name) && linksOf(group, parents).length === 0)
    .flatMap(({ group, owner }) =>
      linksOf(group, services).map(
        (id) => `${id} is linked to ${group.name}, the group of ${owner.who}: a service is the preview of one request`,
      ),
    );
}

/** Groups of people that give what the preview's own group gives. */
function strangersOf({ linked, others }: Surroundings, services: readonly string[]): string[] {
  const ours = new Set(others.map(({ group }) => group.id));
  return linked
    .filter(({ id, name }) => !ours.has(id) && stemOfGroup(name) === undefined)
    .filter((group) => linksOf(group, services).length > 0)
    .flatMap(({ name, envVars }) =>
      envVars.flatMap(({ key }) => (REPLACED.test(key) ? [`the group ${name} gives ${key} too`] : [])),
    );
}

function linksOf({ serviceLinks }: Pick<RenderGroup, "serviceLinks">, services: readonly string[]): string[] {
  return serviceLinks.map(({ id }) => id).filter((id) => services.includes(id));
}
