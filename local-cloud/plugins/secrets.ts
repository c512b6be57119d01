import { isJsonObject } from "../../src/core/json-object.ts";
import { isList, isProperties, type Plain, toPlain } from "./plain.ts";
import { isUnknown } from "./unknown.ts";

/** https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/go/common/resource/sig/sig.go */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

interface SecretEnvelope {
  readonly [SIGNATURE_KEY]: typeof SECRET_SIGNATURE;
  readonly value: unknown;
}

/** A secret as the engine sends and expects it. What is not known yet holds nothing to hide. */
export function wrap(value: Plain): Plain {
  return isUnknown(value) ? value : { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

/** Takes every signature off, at any depth. */
export function unwrap(value: unknown): Plain {
  if (isSecret(value)) return unwrap(value.value);
  if (Array.isArray(value)) return value.map(unwrap);
  if (isJsonObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, nested]) => [key, unwrap(nested)]));
  return toPlain(value);
}

/**
 * Marks in `plain` what is secret at the same place in `signed`. Where a list with secrets was reordered or changed,
 * places say nothing any more: the whole list becomes secret.
 */
export function wrapLike(plain: Plain, signed: unknown): Plain {
  if (isSecret(signed)) return wrap(plain);
  if (Array.isArray(signed)) {
    if (!holdsSecret(signed)) return plain;
    if (!isList(plain) || JSON.stringify(plain) !== JSON.stringify(unwrap(signed))) return wrap(plain);
    return plain.map((element, index) => wrapLike(element, signed[index]));
  }
  if (isJsonObject(signed) && isProperties(plain)) {
    const entries = Object.entries(plain).map(([key, nested]) => [key, wrapLike(nested ?? null, signed[key])] as const);
    return Object.fromEntries(entries);
  }
  return isJsonObject(signed) && holdsSecret(signed) ? wrap(plain) : plain;
}

/** Marks what lies at `path` as secret; `*` stands for every key: `envVars.*.value`. */
export function wrapAt(plain: Plain, path: string): Plain {
  return wrapAlong(plain, path.split("."));
}

function wrapAlong(plain: Plain, [head, ...rest]: readonly string[]): Plain {
  if (isSecret(plain) || plain === null) return plain;
  if (head === undefined) return wrap(plain);
  if (!isProperties(plain)) return plain;
  const entries = Object.entries(plain).map(([key, nested = null]) => {
    const isOnPath = head === "*" || head === key;
    return [key, isOnPath ? wrapAlong(nested, rest) : nested] as const;
  });
  return Object.fromEntries(entries);
}

function isSecret(value: unknown): value is SecretEnvelope {
  return isJsonObject(value) && value[SIGNATURE_KEY] === SECRET_SIGNATURE;
}

function holdsSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(holdsSecret);
  return isJsonObject(value) && Object.values(value).some(holdsSecret);
}
