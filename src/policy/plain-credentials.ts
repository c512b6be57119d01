import { COMPONENT_TYPES, STACK_TYPE } from "../stack/types.ts";
import type { PropertyMap } from "../state/properties.ts";
import { holdsCredential, isCredentialName } from "./credential-values.ts";
import { leaves } from "./leaves.ts";

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
  const isNamed = type === COMPONENT_TYPES.namespaces ? () => false : isCredentialName;
  const shown = leaves(properties).filter(({ text }) => text !== MASK);
  return shown.filter(({ path, text }) => isNamed(path) || holdsCredential(text, known)).map(({ path }) => path);
}
