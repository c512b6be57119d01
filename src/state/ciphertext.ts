import { isJsonObject } from "../core/json-object.ts";
import { isPropertyMap, type PropertyValue } from "./properties.ts";

/** Marks an object that stands for a special value, and the kind of a secret: sdk/go/common/resource/sig. */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** Stands where an export in clear has what a secret holds. */
const SEALED = "[secret]";

/** An export in clear with every secret as a state has it, encrypted: that it is one, and nothing of what it holds. */
export function sealedSecrets(exported: unknown): unknown {
  if (Array.isArray(exported)) return exported.map(sealedSecrets);
  if (!isJsonObject(exported)) return exported;
  if (exported[SIGNATURE_KEY] === SECRET_SIGNATURE) return { [SIGNATURE_KEY]: SECRET_SIGNATURE, ciphertext: SEALED };
  return Object.fromEntries(Object.entries(exported).map(([key, value]) => [key, sealedSecrets(value)]));
}

/** Whether a recorded value is encrypted. A state that was exported with `--show-secrets` has none. */
export function isEncrypted(value: PropertyValue | undefined): boolean {
  if (!isPropertyMap(value)) return false;
  return (
    value[SIGNATURE_KEY] === SECRET_SIGNATURE && typeof value["ciphertext"] === "string" && !("plaintext" in value)
  );
}

/** The value inside, of a state that was exported with `--show-secrets`: JSON of what it was. */
export function decryptedText(value: PropertyValue | undefined): string | undefined {
  if (!isPropertyMap(value) || value[SIGNATURE_KEY] !== SECRET_SIGNATURE) return undefined;
  const { plaintext } = value;
  return typeof plaintext === "string" ? plaintext : undefined;
}

/** Whether a recorded value shows nothing: it is absent, empty or encrypted. */
export function showsNothing(value: PropertyValue | undefined): boolean {
  return value === undefined || value === null || value === "" || isEncrypted(value);
}
