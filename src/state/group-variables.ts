import { Secret } from "../core/secret.ts";
import { RESOURCE_TYPES } from "../stack/types.ts";
import { decryptedText } from "./ciphertext.ts";
import type { Deployment } from "./deployment.ts";
import { isPropertyMap, propertiesOf, type PropertyMap, type PropertyValue } from "./properties.ts";

/** A variable of an environment group. */
export interface NamedSecret {
  readonly key: string;
  readonly value: Secret;
}

/**
 * What the engine last gave the environment's group, or read there; from the state with its secrets decrypted. A run that
 * broke off may have given it more than the stack's outputs say.
 */
export function readGroupVariables(decrypted: Deployment): NamedSecret[] {
  return decrypted.resources
    .filter(({ type, isReplaced }) => type === RESOURCE_TYPES.group && !isReplaced)
    .flatMap(({ inputs }) => Object.entries(mapOf(propertiesOf(inputs)["envVars"])))
    .flatMap(([key, entry]) => {
      const value = plain(mapOf(entry)["value"]);
      return typeof value === "string" ? [{ key, value: new Secret(value) }] : [];
    });
}

function mapOf(value: PropertyValue | undefined): PropertyMap {
  const inside = plain(value);
  return isPropertyMap(inside) ? inside : {};
}

/** The value itself, where it stands in clear inside of a secret. */
function plain(value: PropertyValue | undefined): PropertyValue | undefined {
  const text = decryptedText(value);
  return text === undefined ? value : propertiesOf({ value: JSON.parse(text) as unknown })["value"];
}
