import { z } from "zod";

import { Secret } from "../core/secret.ts";
import { nameOfUrn } from "../core/urn.ts";
import { decryptedText } from "../state/ciphertext.ts";
import { isCredentialName, isCredentialValue } from "./credential-values.ts";
import { isPropertyMap, type PropertyValue, RESOURCE_TYPES } from "./model.ts";
import { propertiesOf } from "../state/properties.ts";
import { STATE_RULES } from "./rules.ts";
import type { StateFacts, StateResource, StateRule } from "./state.ts";
import { judge, type RuleViolation } from "./verdict.ts";

const properties = z.record(z.string(), z.unknown()).optional();
const resourceSchema = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  protect: z.boolean().optional(),
  retainOnDelete: z.boolean().optional(),
  delete: z.boolean().optional(),
  inputs: properties,
  outputs: properties,
});
const stateSchema = z.object({
  deployment: z.object({
    resources: z.array(resourceSchema).nullish(),
    pending_operations: z.array(z.object({ resource: resourceSchema })).nullish(),
  }),
});

/**
 * Judges a state as `pulumi stack export` prints it, with its secrets encrypted: what a policy pack cannot see.
 * Pure; throws where the export has another form, since a state that cannot be read cannot be said to be safe.
 */
export function scanState(
  exported: unknown,
  facts: StateFacts,
  rules: readonly StateRule[] = STATE_RULES,
): readonly RuleViolation[] {
  return judge({ ...facts, resources: stateResources(exported) }, rules);
}

/**
 * The credentials of a stack, from its state as `pulumi stack export --show-secrets` prints it: tokens, random
 * passwords, and the variables of groups that are named like one.
 */
export function credentialsIn(decrypted: unknown): readonly Secret[] {
  const values = stateResources(decrypted).flatMap(credentialProperties).map(valueOf);
  return [...new Set(values.filter(isCredentialValue))].map((value) => new Secret(value));
}

function stateResources(exported: unknown): readonly StateResource[] {
  const { resources, pending_operations: pending } = stateSchema.parse(exported).deployment;
  return [
    ...(resources ?? []).map((resource) => asResource(resource, resource.delete !== true)),
    ...(pending ?? []).map(({ resource }) => asResource(resource, false)),
  ];
}

function asResource(resource: z.infer<typeof resourceSchema>, isCurrent: boolean): StateResource {
  const { urn, type, id, protect, retainOnDelete, inputs, outputs } = resource;
  return {
    type,
    name: nameOfUrn(urn),
    urn,
    id,
    protect: protect === true,
    retainOnDelete: retainOnDelete === true,
    isCurrent,
    inputs: propertiesOf(inputs ?? {}),
    outputs: propertiesOf(outputs ?? {}),
  };
}

function credentialProperties({ type, inputs, outputs }: StateResource): readonly (PropertyValue | undefined)[] {
  if (type === RESOURCE_TYPES.accountToken) return [outputs["value"]];
  if (type === RESOURCE_TYPES.randomPassword) return [outputs["result"]];
  if (type !== RESOURCE_TYPES.group) return [];
  const envVars = inputs["envVars"];
  const entries = isPropertyMap(envVars) ? Object.entries(envVars) : [];
  return entries.flatMap(([name, entry]) => (isCredentialName(name) && isPropertyMap(entry) ? [entry["value"]] : []));
}

function valueOf(value: PropertyValue | undefined): unknown {
  const text = decryptedText(value);
  return text === undefined ? value : JSON.parse(text);
}
