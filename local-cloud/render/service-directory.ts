import { AppError } from "../../src/core/app-error.ts";
import { notFound } from "./problem.ts";
import type { Owner, Service, ServiceType } from "./service.ts";

export interface ServiceSeed {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  /** Default `web_service`. */
  readonly type?: ServiceType;
  readonly environmentId?: string;
  /** Variables of the service itself. */
  readonly envVars?: Readonly<Record<string, string>>;
}

export interface PreviewSeed {
  readonly id: string;
  /** Id of the service that it is a preview of. */
  readonly parentId: string;
  readonly branch: string;
  readonly pullRequest: number;
}

/** The workspaces and services that exist. Both are seeded; previews come and go with pull requests. */
export class ServiceDirectory {
  readonly owners: readonly Owner[];
  #services: readonly Service[];

  /** `now`: milliseconds since the epoch. */
  constructor(owners: readonly Owner[], services: readonly ServiceSeed[], now: number) {
    this.owners = owners;
    this.#services = services.map((seed) => seededService(seed, now));
    const stray = this.#services.find(({ ownerId }) => !this.hasOwner(ownerId));
    if (stray !== undefined) {
      throw new AppError("LOCAL_CLOUD_FAILED", {
        problem: `Service ${stray.id} belongs to workspace ${stray.ownerId}, which does not exist.`,
        fix: "Seed the workspace too.",
      });
    }
  }

  get services(): readonly Service[] {
    return this.#services;
  }

  /** What Render does when a pull request is opened: a service with the settings and variables that its parent has now. */
  addPreview({ id, parentId, branch, pullRequest }: PreviewSeed, now: number): Service {
    const parent = this.service(parentId);
    const preview = {
      ...parent,
      id,
      name: `${parent.name} PR #${String(pullRequest)}`,
      branch,
      parent: { id: parent.id, name: parent.name },
      createdAt: now,
    };
    this.#services = [...this.#services, preview];
    return preview;
  }

  remove(id: string): void {
    this.#services = this.#services.filter((service) => service.id !== id);
  }

  hasOwner(id: string): boolean {
    return this.owners.some((owner) => owner.id === id);
  }

  owner(id: string): Owner {
    const owner = this.owners.find((candidate) => candidate.id === id);
    if (owner === undefined) throw notFound(`workspace ${id}`);
    return owner;
  }

  has(serviceId: string): boolean {
    return this.#services.some(({ id }) => id === serviceId);
  }

  service(id: string): Service {
    const service = this.#services.find((candidate) => candidate.id === id);
    if (service === undefined) throw notFound(`service ${id}`);
    return service;
  }
}

function seededService({ envVars, ...seed }: ServiceSeed, now: number): Service {
  const variables = Object.entries(envVars ?? {}).map(([key, value]) => ({ key, value }));
  return {
    ...seed,
    type: seed.type ?? "web_service",
    environmentId: seed.environmentId,
    createdAt: now,
    variables: variables.toReversed(),
  };
}
