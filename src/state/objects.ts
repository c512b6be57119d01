import { z } from "zod";

import { nameOfUrn } from "../core/urn.ts";
import { RESOURCE_TYPES } from "../policy/model.ts";

/** An object at a vendor that the state knows. */
export interface RecordedObject {
  readonly urn: string;
  /** The name in the program. */
  readonly name: string;
  /** The vendor's id. */
  readonly id: string;
}

export interface RecordedGroup extends RecordedObject {
  /** Names of the variables that the last good run gave it. */
  readonly variables: readonly string[];
}

export interface RecordedObjects {
  readonly namespaces: readonly RecordedObject[];
  readonly tokens: readonly RecordedObject[];
  readonly groups: readonly RecordedGroup[];
  readonly workers: readonly RecordedObject[];
  /** The version that the last run deployed; replaced ones are history at Cloudflare. */
  readonly workerVersions: readonly RecordedObject[];
  /** Host names that lead to a Worker. */
  readonly customDomains: readonly RecordedObject[];
  /** A link has no id at Render: `id` is that of its group. */
  readonly links: readonly RecordedObject[];
  /** URNs of resources whose creation was under way when a run broke off. */
  readonly pendingCreates: readonly string[];
}

const resourceSchema = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  delete: z.boolean().optional(),
  // Outputs hide the names of a group's variables: the whole map is encrypted there.
  inputs: z.object({ envVars: z.record(z.string(), z.unknown()).optional() }).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});
const stateSchema = z.object({
  deployment: z.object({
    resources: z.array(resourceSchema).nullish(),
    pending_operations: z.array(z.object({ resource: z.object({ urn: z.string() }), type: z.string() })).nullish(),
  }),
});
type Resource = z.infer<typeof resourceSchema>;

/** Every object of an exported state that exists at a vendor on its own. */
export function readRecordedObjects(exported: unknown): RecordedObjects {
  const { resources, pending_operations: pending } = stateSchema.parse(exported).deployment;
  const ofType = (type: string, idOf: (resource: Resource) => unknown) =>
    (resources ?? []).flatMap((resource) => {
      const id = idOf(resource);
      if (resource.type !== type || typeof id !== "string") return [];
      const object = { urn: resource.urn, name: nameOfUrn(resource.urn), id };
      return [{ object, inputs: resource.inputs }];
    });
  const objectsOf = (type: string, idOf: (resource: Resource) => unknown): RecordedObject[] =>
    ofType(type, idOf).map(({ object }) => object);
  return {
    namespaces: objectsOf(RESOURCE_TYPES.namespace, ({ id }) => id),
    tokens: objectsOf(RESOURCE_TYPES.accountToken, ({ id }) => id),
    groups: ofType(RESOURCE_TYPES.group, ({ id }) => id).map(({ object, inputs }) => ({
      ...object,
      variables: Object.keys(inputs?.envVars ?? {}),
    })),
    workers: objectsOf(RESOURCE_TYPES.worker, ({ id }) => id),
    workerVersions: objectsOf(RESOURCE_TYPES.workerVersion, (version) => (version.delete ? undefined : version.id)),
    customDomains: objectsOf(RESOURCE_TYPES.customDomain, ({ id }) => id),
    links: objectsOf(RESOURCE_TYPES.groupLink, ({ outputs }) => outputs?.["envGroupId"]),
    pendingCreates: (pending ?? []).flatMap(({ resource, type }) => (type === "creating" ? [resource.urn] : [])),
  };
}
