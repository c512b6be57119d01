import { z } from "zod";

import { RESOURCE_TYPES } from "../stack/types.ts";
import type { Deployment, RecordedResource } from "./deployment.ts";

const groupInputs = z.object({ envVars: z.record(z.string(), z.unknown()).optional() });
// What is not readable is not compared: nobody is told of a change that nobody made.
const namespaceInputs = z.object({ title: z.string().optional().catch(undefined) });
const tokenInputs = z.object({
  status: z.string().optional().catch(undefined),
  expiresOn: z.string().optional().catch(undefined),
});
const linkInputs = z.object({ serviceIds: z.array(z.string()).catch([]) });

/** An object at a vendor that the state knows. */
export interface RecordedObject {
  readonly urn: string;
  /** The name in the program. */
  readonly name: string;
  /** The vendor's id. */
  readonly id: string;
}

/** What the state says of a namespace, as far as others can change it. */
export interface RecordedNamespaceObject extends RecordedObject {
  readonly title?: string | undefined;
}

export interface RecordedToken extends RecordedObject {
  /** `active`, `disabled`. */
  readonly status?: string | undefined;
  /** RFC 3339. */
  readonly expiresOn?: string | undefined;
}

export interface RecordedLink extends RecordedObject {
  /** Ids of the services that the last good run linked. */
  readonly services: readonly string[];
}

export interface RecordedGroup extends RecordedObject {
  /** Names of the variables that the last good run gave it. */
  readonly variables: readonly string[];
}

export interface RecordedObjects {
  readonly namespaces: readonly RecordedNamespaceObject[];
  readonly tokens: readonly RecordedToken[];
  readonly groups: readonly RecordedGroup[];
  readonly workers: readonly RecordedObject[];
  /** The version that the last run deployed; replaced ones are history at Cloudflare. */
  readonly workerVersions: readonly RecordedObject[];
  /** Host names that lead to a Worker. */
  readonly customDomains: readonly RecordedObject[];
  /** A link has no id at Render: `id` is that of its group. */
  readonly links: readonly RecordedLink[];
  /** URNs of resources whose creation was under way when a run broke off. */
  readonly pendingCreates: readonly string[];
}

/** Every object of a recorded state that exists at a vendor on its own. */
export function readRecordedObjects({ resources, pending }: Deployment): RecordedObjects {
  const ofType = (type: string): RecordedResource[] => resources.filter((resource) => resource.type === type);
  const objectsOf = (type: string): RecordedObject[] => ofType(type).flatMap((one) => asObject(one, one.id));
  const withInputs = <Inputs extends object>(type: string, schema: z.ZodType<Inputs>): (RecordedObject & Inputs)[] =>
    ofType(type).flatMap((one) => asObject(one, one.id).map((object) => ({ ...object, ...schema.parse(one.inputs) })));
  return {
    namespaces: withInputs(RESOURCE_TYPES.namespace, namespaceInputs),
    tokens: withInputs(RESOURCE_TYPES.accountToken, tokenInputs),
    groups: ofType(RESOURCE_TYPES.group).flatMap((group) =>
      // Outputs hide the names of a group's variables: the whole map is encrypted there.
      asObject(group, group.id).map((object) => ({
        ...object,
        variables: Object.keys(groupInputs.parse(group.inputs).envVars ?? {}),
      })),
    ),
    workers: objectsOf(RESOURCE_TYPES.worker),
    workerVersions: ofType(RESOURCE_TYPES.workerVersion)
      .filter(({ isReplaced }) => !isReplaced)
      .flatMap((version) => asObject(version, version.id)),
    customDomains: objectsOf(RESOURCE_TYPES.customDomain),
    links: ofType(RESOURCE_TYPES.groupLink).flatMap((link) => {
      const { serviceIds: services } = linkInputs.parse(link.inputs);
      return asObject(link, link.outputs["envGroupId"]).map((object) => ({ ...object, services }));
    }),
    pendingCreates: pending.flatMap(({ operation, resource }) => (operation === "creating" ? [resource.urn] : [])),
  };
}

/** None where the vendor has given no id yet. */
function asObject({ urn, name }: RecordedResource, id: unknown): RecordedObject[] {
  return typeof id === "string" ? [{ urn, name, id }] : [];
}
