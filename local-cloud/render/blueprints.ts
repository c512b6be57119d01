import type { EnvGroups } from "./env-groups.ts";
import { notFound } from "./problem.ts";
import type { ServiceDirectory } from "./service-directory.ts";
import type { ServiceType } from "./service.ts";

/** A `render.yaml` that Render keeps services and groups in line with. */
export interface BlueprintSeed {
  /** `exs-…` */
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  /** Default true. */
  readonly autoSync?: boolean;
  /** Names, as in the file: what exists under such a name in the workspace belongs to the Blueprint. */
  readonly services?: readonly string[];
  readonly envGroups?: readonly string[];
}

interface BlueprintResource {
  readonly id: string;
  readonly name: string;
  readonly type: ServiceType | "environment_group";
}

/** The Blueprints of all workspaces: https://render.com/docs/infrastructure-as-code */
export class Blueprints {
  readonly #directory: ServiceDirectory;
  readonly #groups: EnvGroups;
  #blueprints: readonly BlueprintSeed[];

  constructor(blueprints: readonly BlueprintSeed[], directory: ServiceDirectory, groups: EnvGroups) {
    this.#blueprints = blueprints;
    this.#directory = directory;
    this.#groups = groups;
  }

  /** Puts others in place of all Blueprints. */
  replace(blueprints: readonly BlueprintSeed[]): void {
    this.#blueprints = blueprints;
  }

  list(): readonly BlueprintSeed[] {
    return this.#blueprints;
  }

  get(id: string): BlueprintSeed {
    const blueprint = this.#blueprints.find((candidate) => candidate.id === id);
    if (blueprint === undefined) throw notFound(`blueprint ${id}`);
    return blueprint;
  }

  /** What exists of the things that the Blueprint names. */
  resourcesOf({ ownerId, services = [], envGroups = [] }: BlueprintSeed): BlueprintResource[] {
    const owned = <Item extends { name: string; ownerId: string }>(
      items: readonly Item[],
      names: readonly string[],
    ): Item[] => items.filter((item) => item.ownerId === ownerId && names.includes(item.name));
    return [
      ...owned(this.#directory.services, services).map(({ id, name, type }) => ({ id, name, type })),
      ...owned(this.#groups.list(), envGroups).map(({ id, name }) => ({
        id,
        name,
        type: "environment_group" as const,
      })),
    ];
  }
}
