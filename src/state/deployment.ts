import { z } from "zod";

import { nameOfUrn, STACK_TYPE } from "../stack/types.ts";

/** One resource as the engine recorded it, with its properties as they are stored. */
export interface RecordedResource {
  readonly urn: string;
  /** `cloudflare:index/accountToken:AccountToken` */
  readonly type: string;
  /** The name in the program. */
  readonly name: string;
  /** The vendor's; it stands in clear in every state. Components have none. */
  readonly id: string | undefined;
  /** Whether this is the old copy of a replaced resource, which the engine is still to delete. */
  readonly isReplaced: boolean;
  /** Whether the engine refuses to delete it. */
  readonly protect: boolean;
  /** Whether its object outlives its removal from the program. */
  readonly retainOnDelete: boolean;
  /** When the engine last wrote it, in milliseconds since the epoch by the clock of the machine that ran it. */
  readonly modifiedAt: number | undefined;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** What an operation that broke off was about: `creating`, `updating`, `deleting`, … */
export interface PendingOperation {
  readonly operation: string;
  readonly resource: RecordedResource;
}

/** A recorded state. */
export interface Deployment {
  readonly resources: readonly RecordedResource[];
  readonly pending: readonly PendingOperation[];
  /** The resource that stands for the stack itself: its outputs are from the last run that ended well. */
  readonly stack: RecordedResource | undefined;
}

const properties = z.record(z.string(), z.unknown()).optional();
const resourceSchema = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  protect: z.boolean().optional(),
  retainOnDelete: z.boolean().optional(),
  delete: z.boolean().optional(),
  modified: z.string().optional(),
  inputs: properties,
  outputs: properties,
});
const stateSchema = z.object({
  deployment: z.object({
    resources: z.array(resourceSchema).nullish(),
    pending_operations: z.array(z.object({ resource: resourceSchema, type: z.string() })).nullish(),
  }),
});

/**
 * The one reader of what `pulumi stack export` prints: everything else in this folder is read from its result. Throws
 * where the export has another form, since of a state that cannot be read nothing can be said.
 * https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/
 */
export function readDeployment(exported: unknown): Deployment {
  const { resources, pending_operations: pending } = stateSchema.parse(exported).deployment;
  const recorded = (resources ?? []).map(recordedResource);
  return {
    resources: recorded,
    pending: (pending ?? []).map(({ resource, type }) => ({ operation: type, resource: recordedResource(resource) })),
    stack: recorded.find(({ type }) => type === STACK_TYPE),
  };
}

/** The state as it will be without the resources of `urns`. */
export function withoutResources(deployment: Deployment, urns: ReadonlySet<string>): Deployment {
  return { ...deployment, resources: deployment.resources.filter(({ urn }) => !urns.has(urn)) };
}

function recordedResource(resource: z.infer<typeof resourceSchema>): RecordedResource {
  const { urn, type, id, protect, retainOnDelete, modified, inputs, outputs } = resource;
  const modifiedAt = Date.parse(modified ?? "");
  return {
    urn,
    type,
    name: nameOfUrn(urn),
    id,
    isReplaced: resource.delete === true,
    protect: protect === true,
    retainOnDelete: retainOnDelete === true,
    modifiedAt: Number.isNaN(modifiedAt) ? undefined : modifiedAt,
    inputs: inputs ?? {},
    outputs: outputs ?? {},
  };
}
