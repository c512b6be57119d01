import { isJsonObject } from "../../src/core/json-object.ts";

/** A JSON value: what properties of a resource are once signatures are taken off. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain | undefined };

export interface Properties {
  readonly [name: string]: Plain | undefined;
}

export function isProperties(value: Plain | undefined): value is Properties {
  return isJsonObject(value);
}

export function isList(value: Plain | undefined): value is readonly Plain[] {
  return Array.isArray(value);
}

/** `value` as JSON would carry it: what JSON cannot say is `null`. */
export function toPlain(value: unknown): Plain {
  if (Array.isArray(value)) return value.map(toPlain);
  if (isJsonObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, nested]) => [key, toPlain(nested)]));
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return null;
}

/** Throws where `json` is not JSON, without quoting it: it may be secret. */
export function parseJson(json: string): Plain {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Error("a text that must be JSON is not");
  }
  return toPlain(value);
}

export function isJson(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

/** `value`, or no properties where it is something else: absent, or not known yet. */
export function propertiesOf(value: Plain | undefined): Properties {
  return isProperties(value) ? value : {};
}

/** `value`, or an empty list where it is something else. */
export function listOf(value: Plain | undefined): readonly Plain[] {
  return isList(value) ? value : [];
}

/** A string that must be there: absent, it is a mistake of the caller and not of a user. */
export function text(properties: Properties, name: string): string {
  const value = properties[name];
  if (typeof value !== "string") throw new Error(`property "${name}" is not a string`);
  return value;
}

/** Orders objects by their names; one without a name comes first. */
export function byName(left: Properties, right: Properties): number {
  const [leftName, rightName] = [left["name"] ?? "", right["name"] ?? ""];
  return leftName === rightName ? 0 : leftName < rightName ? -1 : 1;
}

/** The properties that have a value: `null` and `undefined` mean absent to the engine. */
export function present(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined && value !== null));
}

/** The named properties that have a value. */
export function pick(properties: Properties, names: readonly string[]): Properties {
  return present(Object.fromEntries(names.map((name) => [name, properties[name]])));
}

/** The same text for the same value, whatever the order of keys. */
export function canonicalJson(value: Plain | undefined): string {
  return JSON.stringify(value, (_key, nested: unknown) =>
    isJsonObject(nested)
      ? Object.fromEntries(Object.entries(nested).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : nested,
  );
}

/** Whether two values are the same; `null` and absent are. */
export function sameValue(left: Plain | undefined, right: Plain | undefined): boolean {
  return canonicalJson(left ?? null) === canonicalJson(right ?? null);
}
