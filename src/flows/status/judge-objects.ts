import { type Consistency, environmentGroupName, namespaceTitle } from "../../core/names.ts";
import type { VariableChange } from "../reconcile/variable-changes.ts";
import type { Observation } from "./observe.ts";
import type { Problem } from "./problem.ts";

export interface NamespaceStatus {
  readonly name: string;
  /** Absent where the file no longer has it. */
  readonly class?: Consistency;
  /** The title that it should have. */
  readonly title: string;
  readonly id?: string;
  readonly exists: boolean;
  /** Where somebody renamed it. */
  readonly actualTitle?: string;
}

export interface GroupStatus {
  readonly name: string;
  readonly id?: string;
  readonly exists: boolean;
  readonly variables: number;
  /** What differs from the last run, by the name of the variable. */
  readonly changes: readonly VariableChange[];
}

export interface LinkStatus {
  readonly id: string;
  readonly name?: string;
  /** Whether the environment's file names the service. */
  readonly configured: boolean;
  readonly linked: boolean;
  /** Render makes a preview with the links that its parent has: nobody changed anything. */
  readonly previewOf?: string;
}

type NamespaceInput = Pick<Observation, "environment" | "config" | "objects" | "namespaces">;

/** The namespaces of the file and of the state, as Cloudflare has them. */
export function judgeNamespaces({ environment, config, objects, namespaces }: NamespaceInput): NamespaceStatus[] {
  const names = new Set([...Object.keys(config.namespaces), ...objects.namespaces.map(({ name }) => name)]);
  return [...names].map((name) => {
    const title = namespaceTitle(config.app, environment, name);
    const consistency = config.namespaces[name]?.consistency;
    const id = objects.namespaces.find((object) => object.name === name)?.id;
    const existing = namespaces.find((namespace) => namespace.id === id);
    return {
      name,
      ...(consistency === undefined ? {} : { class: consistency }),
      title,
      ...(id === undefined ? {} : { id }),
      exists: existing !== undefined,
      ...(existing === undefined || existing.title === title ? {} : { actualTitle: existing.title }),
    };
  });
}

/** What of the namespaces needs attention. */
export function namespaceProblems(environment: string, namespaces: readonly NamespaceStatus[]): Problem[] {
  return namespaces.flatMap(({ name, id, exists, title, actualTitle }): Problem[] => {
    if (id !== undefined && !exists) {
      const fix = `kvshift up --stack ${environment} creates an empty one. What it held is lost.`;
      return [{ what: `The namespace ${name} (${id}) no longer exists at Cloudflare.`, fix }];
    }
    if (actualTitle === undefined) return [];
    const fix = repair(environment);
    return [{ what: `The namespace ${name} was renamed from ${title} to ${actualTitle}.`, fix }];
  });
}

type GroupInput = Pick<Observation, "environment" | "config" | "objects" | "group">;

/** The environment group as it is, beside what the state knows of it. */
export function judgeGroup({ environment, config, objects, group }: GroupInput): GroupStatus {
  const id = objects.groups[0]?.id;
  return {
    name: group?.name ?? environmentGroupName(config.app, environment),
    ...(id === undefined ? {} : { id }),
    exists: group !== undefined,
    variables: group?.keys.length ?? 0,
    changes: group?.changes ?? [],
  };
}

type LinkInput = Pick<Observation, "config" | "group" | "services" | "previews">;

/** Each service of the file, and each other one that is linked. */
export function judgeLinks({ config, group, services, previews }: LinkInput): LinkStatus[] {
  const links = group?.links ?? [];
  const configured = services.map(({ id, name }) => ({
    id,
    ...(name === undefined ? {} : { name }),
    configured: true,
    linked: links.some((link) => link.id === id),
  }));
  const foreign = links.filter(({ id }) => !config.render.services.includes(id));
  return [
    ...configured,
    ...foreign.map(({ id, name }) => {
      const previewOf = previews.get(id);
      return { id, name, configured: false, linked: true, ...(previewOf === undefined ? {} : { previewOf }) };
    }),
  ];
}

/** What of the group and its links needs attention. */
export function groupProblems(environment: string, group: GroupStatus, links: readonly LinkStatus[]): Problem[] {
  const { id, name, exists, changes } = group;
  if (id === undefined) {
    const fix = `kvshift up --stack ${environment} --deploy creates it, with its links, and deploys.`;
    return [{ what: "The state has no environment group: no service gets the variables.", fix }];
  }
  if (!exists) {
    const fix = `kvshift up --stack ${environment} --deploy creates it again, with its links, and deploys.`;
    return [{ what: `The group ${name} (${id}) no longer exists at Render.`, fix }];
  }
  return [
    ...(changes.length === 0
      ? []
      : [{ what: `People changed the group ${name}: ${listChanges(changes)}.`, fix: repair(environment) }]),
    ...links.flatMap((link) => linkProblem(environment, name, link) ?? []),
  ];
}

/** `CLOUDFLARE_KV_PHASE (missing), SENTRY_DSN (added)` */
export function listChanges(changes: readonly VariableChange[]): string {
  return changes.map(({ key, change }) => `${key} (${change})`).join(", ");
}

/** `up` compares the file with the state: what people changed at a vendor it sees only after a refresh. */
export function repair(environment: string): string {
  return `kvshift refresh --stack ${environment}, then kvshift up --stack ${environment} --deploy, puts it back.`;
}

function linkProblem(environment: string, group: string, link: LinkStatus): Problem | undefined {
  const { id, name = id, configured, linked, previewOf } = link;
  if ((configured && linked) || previewOf !== undefined) return undefined;
  if (configured) return { what: `The service ${name} is not linked to the group ${group}.`, fix: repair(environment) };
  const what = `The service ${name} (${id}) is linked to the group ${group}, but the file does not name it.`;
  return {
    what,
    fix: `Add it to kvshift:render.services of Pulumi.${environment}.yaml. Otherwise: ${repair(environment)}`,
  };
}
