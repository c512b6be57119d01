import { isPropertyList, isPropertyMap, type PropertyMap } from "../state/properties.ts";
import type { StackResource, Violation } from "./model.ts";

/** The bindings of a Worker version; `undefined` where nobody knows them before it is created. */
export function bindingsOf({ props }: StackResource): readonly PropertyMap[] | undefined {
  const bindings = props["bindings"] ?? [];
  return isPropertyList(bindings) ? bindings.filter(isPropertyMap) : undefined;
}

/** The name of a Worker's binding, for messages. */
export function nameOf({ name }: PropertyMap): string {
  return typeof name === "string" ? name : "without a name";
}

/** What is wrong with a Worker version. `finding` goes on after its name, without a full stop. */
export function violationOf({ name, urn }: StackResource, finding: string): Violation {
  return { message: `Worker version ${name}: ${finding}.`, urn };
}
