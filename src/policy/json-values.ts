import { propertiesOf, type PropertyMap, type PropertyValue } from "../state/properties.ts";

/** The object that a text holds as JSON; `undefined` where it holds none. */
export function parsedObject(text: PropertyValue | undefined): PropertyMap | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? propertiesOf(parsed) : undefined;
  } catch {
    return undefined;
  }
}
