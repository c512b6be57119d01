import { z } from "zod";

import { RESOURCE_TYPES } from "../stack/types.ts";
import type { Deployment, RecordedResource } from "./deployment.ts";

const groupInputs = z.object({ envVars: z.record(z.string(), z.unknown()).optional() });

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

/** Every object of a recorded state that exists at a vendor on its own. */
export function readRecordedObjects({ resources, pending }: Deployment): RecordedObjects {
  const objectsOf = <Extra extends object = object>(
    type: string,
    idOf: (resource: RecordedResource) => unknown = ({ id }) => id,
    more?: (resource: RecordedResource) => Extra,
  ): (RecordedObject & Extra)[] =>
    resources.flatMap((resource) => {
      const id = idOf(resource);
      if (resource.type !== type || typeof id !== "string") return [];
      return [{ urn: resource.urn, name: resource.name, id, ...(more?.(resource) as Extra) }];
    });
  return {
    namespaces: objectsOf(RESOURCE_TYPES.namespace),
    tokens: objectsOf(RESOURCE_TYPES.accountToken),
    groups: objectsOf(
      RESOURCE_TYPES.group,
      ({ id }) => id,
      // Outputs hide the names of a group's variables: the whole map is encrypted there.
      ({ inputs }) => ({ variables: Object.keys(groupInputs.parse(inputs).envVars ?? {}) }),
    ),
    workers: objectsOf(RESOURCE_TYPES.worker),
    workerVersions: objectsOf(RESOURCE_TYPES.workerVersion, ({ id, isReplaced }) => (isReplaced ? undefined : id)),
    customDomains: objectsOf(RESOURCE_TYPES.customDomain),
    links: objectsOf(RESOURCE_TYPES.groupLink, ({ outputs }) => outputs["envGroupId"]),
    pendingCreates: pending.flatMap(({ operation, resource }) => (operation === "creating" ? [resource.urn] : [])),
  };
}
