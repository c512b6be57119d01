import { isPropertyList, type PropertyValue, UNKNOWN } from "../state/properties.ts";
import { type Neighbour, resourcesOfType, type StackView, type Violation } from "./model.ts";

/** Links of the stack that list a service of the neighbour, or may: what is not known yet may be one. */
export function sharedServices(stack: StackView, neighbour: Neighbour): readonly Violation[] {
  const { kind, environment, services } = neighbour;
  return resourcesOfType(stack, "groupLink")
    .filter(({ props }) => mayContain(props["serviceIds"], services))
    .map(({ name, urn }) => ({
      message: `Link ${name} lists a service of the ${kind} environment ${environment}.`,
      urn,
    }));
}

function mayContain(list: PropertyValue | undefined, reserved: readonly string[]): boolean {
  if (!isPropertyList(list)) return list === UNKNOWN;
  return list.some((value) => value === UNKNOWN || reserved.some((id) => value === id));
}
