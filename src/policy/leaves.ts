import { isEncrypted } from "../state/ciphertext.ts";
import { isPropertyList, isPropertyMap, type PropertyMap, type PropertyValue } from "../state/properties.ts";

/** A text in clear, and where it stands: `slots.a.value`. */
export interface Leaf {
  readonly path: string;
  readonly text: string;
}

/** Every text and number that a resource shows; what is encrypted has none. */
export function leaves(properties: PropertyMap): readonly Leaf[] {
  return Object.entries(properties).flatMap(([name, value]) => leavesOf(name, value));
}

function leavesOf(path: string, value: PropertyValue): readonly Leaf[] {
  if (typeof value === "string" && value !== "") return [{ path, text: value }];
  if (typeof value === "number") return [{ path, text: String(value) }];
  if (isPropertyList(value)) return value.flatMap((item, index) => leavesOf(`${path}[${String(index)}]`, item));
  if (!isPropertyMap(value) || isEncrypted(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => leavesOf(`${path}.${name}`, item));
}
