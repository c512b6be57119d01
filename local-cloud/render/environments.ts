import { AppError } from "../../src/core/app-error.ts";
import type { EnvGroups } from "./env-groups.ts";
import { badRequest, notFound } from "./problem.ts";
import type { ServiceDirectory } from "./service-directory.ts";

export interface ProjectSeed {
  /** `prj-…` */
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
}

export interface EnvironmentSeed {
  /** `evm-…` */
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
}

export interface Project extends ProjectSeed {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** A part of a project, which keeps services and groups together. */
export interface Environment extends EnvironmentSeed {
  readonly ownerId: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface EnvironmentsOptions {
  readonly projects: readonly ProjectSeed[];
  readonly environments: readonly EnvironmentSeed[];
  readonly directory: ServiceDirectory;
  readonly groups: EnvGroups;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The projects and their environments: seeded, as are services. https://render.com/docs/projects */
export class Environments {
  readonly projects: readonly Project[];
  readonly environments: readonly Environment[];
  readonly #directory: ServiceDirectory;
  readonly #groups: EnvGroups;

  constructor({ projects, environments, directory, groups, now }: EnvironmentsOptions) {
    this.projects = projects.map((seed) => ({ ...seed, createdAt: now }));
    this.environments = environments.map((seed) => {
      const project = this.projects.find(({ id }) => id === seed.projectId);
      if (project === undefined) throw unseeded(`Environment ${seed.id}`, `project ${seed.projectId}`);
      return { ...seed, ownerId: project.ownerId, createdAt: now };
    });
    this.#directory = directory;
    this.#groups = groups;
    for (const { id, ownerId } of projects) {
      if (!directory.hasOwner(ownerId)) throw unseeded(`Project ${id}`, `workspace ${ownerId}`);
    }
    for (const { id, environmentId } of directory.services) {
      if (environmentId === undefined || this.environments.some((environment) => environment.id === environmentId))
        continue;
      throw unseeded(`Service ${id}`, `environment ${environmentId}`);
    }
  }

  project(id: string): Project {
    const project = this.projects.find((candidate) => candidate.id === id);
    if (project === undefined) throw notFound(`project ${id}`);
    return project;
  }

  environment(id: string): Environment {
    const environment = this.environments.find((candidate) => candidate.id === id);
    if (environment === undefined) throw notFound(`environment ${id}`);
    return environment;
  }

  /** Refuses an environment that does not exist or that is in another workspace. */
  assertUsable(environmentId: string, ownerId: string): void {
    if (this.environment(environmentId).ownerId !== ownerId) {
      throw badRequest(`environment ${environmentId} is in another workspace`);
    }
  }

  /** Moves services and groups into an environment, out of the one that they are in. */
  add(environmentId: string, resourceIds: readonly string[]): Environment {
    const environment = this.environment(environmentId);
    for (const id of resourceIds) this.assertUsable(environmentId, this.#resource(id).ownerId);
    this.#move(new Set(resourceIds), environmentId);
    return environment;
  }

  /** Takes services and groups out of an environment. */
  remove(environmentId: string, resourceIds: readonly string[]): void {
    this.environment(environmentId);
    for (const id of resourceIds) {
      if (this.#resource(id).environmentId !== environmentId) throw notFound(`resource ${id} in ${environmentId}`);
    }
    this.#move(new Set(resourceIds), undefined);
  }

  #resource(id: string): { readonly ownerId: string; readonly environmentId: string | undefined } {
    return id.startsWith("evg-") ? this.#groups.get(id) : this.#directory.service(id);
  }

  /** All or nothing: a group that is in an environment is linked to services of that environment only. */
  #move(ids: ReadonlySet<string>, environmentId: string | undefined): void {
    const placeOf = (resource: { id: string; environmentId: string | undefined }): string | undefined =>
      ids.has(resource.id) ? environmentId : resource.environmentId;
    for (const group of this.#groups.list()) {
      const place = placeOf(group);
      const stray = place === undefined ? undefined : group.services.find((service) => placeOf(service) !== place);
      if (stray === undefined) continue;
      throw badRequest(`service ${stray.id} is linked to group ${group.id}, which is in another environment`);
    }
    for (const id of ids) {
      if (id.startsWith("evg-")) this.#groups.move(id, environmentId);
      else this.#directory.service(id).environmentId = environmentId;
    }
  }
}

function unseeded(what: string, where: string): AppError {
  return new AppError("LOCAL_CLOUD_FAILED", {
    problem: `${what} belongs to ${where}, which does not exist.`,
    fix: "Seed that too.",
  });
}
