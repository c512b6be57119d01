import { credentialId, credentialOfName, gatewaySecret } from "../core/names.ts";
import { Secret } from "../core/secret.ts";
import { RESOURCE_TYPES } from "../stack/types.ts";
import { decryptedText } from "./ciphertext.ts";
import type { Deployment } from "./deployment.ts";
import { propertiesOf } from "./properties.ts";

/** Every credential that exists, by its id, as its holder presents it; from the state with its secrets decrypted. */
export function readCredentialSecrets(decrypted: Deployment, environment: string): ReadonlyMap<string, Secret> {
  const entries = decrypted.resources
    .filter(({ isReplaced }) => !isReplaced)
    .flatMap(({ type, name, outputs }) => {
      const key = credentialOfName(name);
      if (key === undefined) return [];
      const id = credentialId(environment, key.role, key.slot, key.epoch);
      if (type === RESOURCE_TYPES.accountToken) return entry(id, textOf(outputs["value"]));
      const password = type === RESOURCE_TYPES.randomPassword ? textOf(outputs["result"]) : undefined;
      return entry(id, password === undefined ? undefined : gatewaySecret(id, password));
    });
  return new Map(entries);
}

function entry(id: string, value: string | undefined): (readonly [string, Secret])[] {
  return value === undefined ? [] : [[id, new Secret(value)]];
}

function textOf(value: unknown): string | undefined {
  const text = decryptedText(propertiesOf({ value })["value"] ?? null);
  const plain: unknown = text === undefined ? value : JSON.parse(text);
  return typeof plain === "string" ? plain : undefined;
}
