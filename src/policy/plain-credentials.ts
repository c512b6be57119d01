import { COMPONENT_TYPES, STACK_TYPE } from "../stack/types.ts";
import { isEncrypted } from "../state/ciphertext.ts";
import { isPropertyList, isPropertyMap, type PropertyMap, type PropertyValue } from "../state/properties.ts";
import { holdsCredential, isSecretName } from "./credential-values.ts";

const COMPONENT_NAMES: ReadonlySet<string> = new Set(Object.values(COMPONENT_TYPES));
/** What stands in the engine's events in place of a secret. */
const MASK = "[secret]";

/** Components and the stack itself exist only in state; what they hold is for people and other stacks. */
export function isComponent({ type }: { readonly type: string }): boolean {
  return type === STACK_TYPE || COMPONENT_NAMES.has(type);
}

/** Where a component of `type` shows a credential: one of `known`, one of a known format, or a value named like one. */
export function plainCredentials(type: string, properties: PropertyMap, known: readonly string[]): readonly string[] {
  // There the keys are names of namespaces: one may well be called `refresh-token`.
  const isNamed = type === COMPONENT_TYPES.namespaces ? () => false : isSecretName;
  const shown = leaves(properties).filter(({ text }) => text !== MASK);
  return shown.filter(({ path, text }) => isNamed(path) || holdsCredential(text, known)).map(({ path }) => path);
}

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
