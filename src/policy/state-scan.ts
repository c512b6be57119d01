import { Secret } from "../core/secret.ts";
import { RESOURCE_TYPES } from "../stack/types.ts";
import { decryptedText } from "../state/ciphertext.ts";
import type { Deployment, RecordedResource } from "../state/deployment.ts";
import { propertiesOf, isPropertyMap, type PropertyValue } from "../state/properties.ts";
import { isSecretName, isCredentialValue } from "./credential-values.ts";
import { STATE_RULES } from "./rules.ts";
import type { StateFacts, StateResource, StateRule } from "./state.ts";
import { judge, type RuleViolation } from "./verdict.ts";

/** Judges a state with its secrets encrypted: what a policy pack cannot see. Pure. */
export function scanState(
  state: Deployment,
  facts: StateFacts,
  rules: readonly StateRule[] = STATE_RULES,
): readonly RuleViolation[] {
  return judge({ ...facts, resources: stateResources(state) }, rules);
}

/** The credentials of a stack, from its state in clear: tokens, passwords, and variables of groups that are named like one. */
export function credentialsIn(decrypted: Deployment): readonly Secret[] {
  const values = stateResources(decrypted).flatMap(credentialProperties).map(valueOf);
  return [...new Set(values.filter(isCredentialValue))].map((value) => new Secret(value));
}

function stateResources({ resources, pending }: Deployment): readonly StateResource[] {
  return [
    ...resources.map((resource) => asResource(resource, !resource.isReplaced)),
    ...pending.map(({ resource }) => asResource(resource, false)),
  ];
}

function asResource(resource: RecordedResource, isCurrent: boolean): StateResource {
  const { type, name, urn, id, protect, retainOnDelete, inputs, outputs } = resource;
  const properties = { inputs: propertiesOf(inputs), outputs: propertiesOf(outputs) };
  return { type, name, urn, id, protect, retainOnDelete, isCurrent, ...properties };
}

function credentialProperties({ type, inputs, outputs }: StateResource): readonly (PropertyValue | undefined)[] {
  if (type === RESOURCE_TYPES.accountToken) return [outputs["value"]];
  if (type === RESOURCE_TYPES.randomPassword) return [outputs["result"]];
  if (type !== RESOURCE_TYPES.group) return [];
  const envVars = inputs["envVars"];
  const entries = isPropertyMap(envVars) ? Object.entries(envVars) : [];
  return entries.flatMap(([name, entry]) => (isSecretName(name) && isPropertyMap(entry) ? [entry["value"]] : []));
}

function valueOf(value: PropertyValue | undefined): unknown {
  const text = decryptedText(value);
  return text === undefined ? value : JSON.parse(text);
}
