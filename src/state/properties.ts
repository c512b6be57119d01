import { parsedJsonObject } from "../core/json-object.ts";

/** Stands where a preview cannot know a value: the provider gives it when it creates the resource. */
export const UNKNOWN: symbol = Symbol("unknown before creation");

export type PropertyValue =
  | null
  | boolean
  | number
  | string
  | typeof UNKNOWN
  | readonly PropertyValue[]
  | { readonly [name: string]: PropertyValue };

export type PropertyMap = Readonly<Record<string, PropertyValue>>;

/** How the engine's events show a value that is not known yet: sdk/go/common/resource/plugin/rpc.go */
const UNKNOWN_SENTINELS: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** What an object of the SDK, an event or a state holds, in the vocabulary of the rules. */
export function propertiesOf(source: object): PropertyMap {
  return Object.fromEntries(Object.keys(source).map((key) => [key, propertyValue(() => Reflect.get(source, key))]));
}

function propertyValue(read: () => unknown): PropertyValue {
  const value = readOrUnknown(read);
  if (value === undefined || value === null) return null;
  if (UNKNOWN_SENTINELS.has(value)) return UNKNOWN;
  if (typeof value === "boolean" || typeof value === "number" || typeof value === "string") return value;
  if (value === UNKNOWN) return UNKNOWN;
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    return Array.from({ length: list.length }, (_, index) => propertyValue(() => list[index]));
  }
  return typeof value === "object" ? propertiesOf(value) : null;
}

/** The SDK does not export its error; another error goes on and fails the rule, which counts as refused. */
function readOrUnknown(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && error.constructor.name === "UnknownValueError") return UNKNOWN;
    throw error;
  }
}

/** Whether a value is an object of properties. */
export function isPropertyMap(value: PropertyValue | undefined): value is PropertyMap {
  return typeof value === "object" && value !== null && !isPropertyList(value);
}

/** Whether a value is a list. */
export function isPropertyList(value: PropertyValue | undefined): value is readonly PropertyValue[] {
  return Array.isArray(value);
}

/** The object that a text holds as JSON; `undefined` where it holds none. */
export function parsedObject(text: PropertyValue | undefined): PropertyMap | undefined {
  const parsed = typeof text === "string" ? parsedJsonObject(text) : undefined;
  return parsed && propertiesOf(parsed);
}
