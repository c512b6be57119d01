import type { Clock } from "../../src/core/clock.ts";
import type { RandomBytes } from "../../src/core/random.ts";
import { badRequest, notFound } from "./problem.ts";
import { renderId } from "./render-id.ts";
import { type Service, shortType } from "./service.ts";
import { type Variable, withoutVariable, withVariable } from "./variables.ts";

export interface SecretFile {
  readonly name: string;
  readonly content: string;
}

export interface EnvGroup {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly environmentId: string | undefined;
  /** Newest first, as are the secret files. */
  readonly variables: readonly Variable[];
  readonly secretFiles: readonly SecretFile[];
  readonly services: readonly Service[];
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Changes with the name only, as Render was recorded to do. */
  readonly updatedAt: number;
}

export type NewEnvGroup = Pick<
  EnvGroup,
  "name" | "ownerId" | "environmentId" | "variables" | "secretFiles" | "services"
>;

export interface EnvGroupsOptions {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Called after a change that services of a group see. */
  readonly onChange: (services: readonly Service[]) => void;
}

/** https://render.com/docs/configure-environment-variables: all secret files of a group together. */
const MAX_SECRET_FILE_BYTES = 1024 * 1024;

/** The environment groups of all workspaces, oldest first. */
export class EnvGroups {
  readonly #options: EnvGroupsOptions;
  readonly #groups = new Map<string, EnvGroup>();

  constructor(options: EnvGroupsOptions) {
    this.#options = options;
  }

  create(input: NewEnvGroup): EnvGroup {
    assertName(input.name);
    if (input.variables.length === 0) throw badRequest("an environment group needs at least one environment variable");
    assertSecretFiles(input.secretFiles);
    for (const service of input.services) assertLinkable(input, service);
    const now = this.#options.clock.now();
    const group = { ...input, id: renderId("evg", this.#options.random), createdAt: now, updatedAt: now };
    this.#groups.set(group.id, group);
    this.#options.onChange(group.services);
    return group;
  }

  list(): readonly EnvGroup[] {
    return [...this.#groups.values()];
  }

  /** The groups whose variables a service gets, oldest first. */
  linkedTo(serviceId: string): readonly EnvGroup[] {
    return this.list().filter((group) => group.services.some(({ id }) => id === serviceId));
  }

  get(id: string): EnvGroup {
    const group = this.#groups.get(id);
    if (group === undefined) throw notFound(`environment group ${id}`);
    return group;
  }

  rename(id: string, name: string): EnvGroup {
    assertName(name);
    return this.#replace(id, { name, updatedAt: this.#options.clock.now() });
  }

  /** The caller sees to it that the links of the group are allowed where it goes. */
  move(id: string, environmentId: string | undefined): void {
    this.#replace(id, { environmentId });
  }

  delete(id: string): void {
    const { services } = this.get(id);
    this.#groups.delete(id);
    this.#options.onChange(services);
  }

  variable(id: string, key: string): Variable {
    const variable = this.get(id).variables.find((candidate) => candidate.key === key);
    if (variable === undefined) throw notFound(`environment variable ${key}`);
    return variable;
  }

  putVariable(id: string, variable: Variable): EnvGroup {
    return this.#change(id, { variables: withVariable(this.get(id).variables, variable) });
  }

  deleteVariable(id: string, key: string): void {
    this.variable(id, key);
    this.#change(id, { variables: withoutVariable(this.get(id).variables, key) });
  }

  secretFile(id: string, name: string): SecretFile {
    const file = this.get(id).secretFiles.find((candidate) => candidate.name === name);
    if (file === undefined) throw notFound(`secret file ${name}`);
    return file;
  }

  putSecretFile(id: string, file: SecretFile): EnvGroup {
    const secretFiles = [file, ...this.get(id).secretFiles.filter(({ name }) => name !== file.name)];
    assertSecretFiles(secretFiles);
    return this.#change(id, { secretFiles });
  }

  deleteSecretFile(id: string, name: string): void {
    this.secretFile(id, name);
    this.#change(id, { secretFiles: this.get(id).secretFiles.filter((file) => file.name !== name) });
  }

  link(id: string, service: Service): EnvGroup {
    const group = this.get(id);
    assertLinkable(group, service);
    if (group.services.includes(service)) return group;
    const linked = this.#replace(id, { services: [...group.services, service] });
    this.#options.onChange([service]);
    return linked;
  }

  unlink(id: string, service: Service): void {
    const { services } = this.get(id);
    if (!services.includes(service)) throw notFound(`link of service ${service.id}`);
    this.#replace(id, { services: services.filter((linked) => linked !== service) });
    this.#options.onChange([service]);
  }

  #change(id: string, change: Partial<EnvGroup>): EnvGroup {
    const group = this.#replace(id, change);
    this.#options.onChange(group.services);
    return group;
  }

  #replace(id: string, change: Partial<EnvGroup>): EnvGroup {
    const group = { ...this.get(id), ...change };
    // Setting an existing key keeps its place, so the order stays that of creation.
    this.#groups.set(id, group);
    return group;
  }
}

function assertName(name: string): void {
  if (name === "") throw badRequest("name: an environment group needs a name");
}

function assertSecretFiles(files: readonly SecretFile[]): void {
  if (new Set(files.map(({ name }) => name)).size < files.length) throw badRequest("duplicate name in secretFiles");
  const bytes = files.reduce((sum, file) => sum + Buffer.byteLength(file.content), 0);
  if (bytes > MAX_SECRET_FILE_BYTES) throw badRequest("the secret files of a group are limited to 1 MB together");
}

function assertLinkable(group: Pick<EnvGroup, "ownerId" | "environmentId">, service: Service): void {
  if (service.ownerId !== group.ownerId) throw badRequest(`service ${service.id} is in another workspace`);
  if (group.environmentId !== undefined && service.environmentId !== group.environmentId) {
    throw badRequest(`service ${service.id} is not in the environment of the group`);
  }
}

/** A group as lists show it: without values. */
export function envGroupMetaView(group: EnvGroup): Record<string, unknown> {
  return {
    id: group.id,
    name: group.name,
    ownerId: group.ownerId,
    ...(group.environmentId === undefined ? {} : { environmentId: group.environmentId }),
    serviceLinks: group.services.map(({ id, name, type }) => ({ id, name, type: shortType(type) })),
    createdAt: new Date(group.createdAt).toISOString(),
    updatedAt: new Date(group.updatedAt).toISOString(),
  };
}

export function envGroupView(group: EnvGroup): Record<string, unknown> {
  return { ...envGroupMetaView(group), envVars: group.variables, secretFiles: group.secretFiles };
}
