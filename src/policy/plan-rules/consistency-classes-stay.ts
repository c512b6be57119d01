import { COMPONENT_TYPES } from "../../stack/types.ts";
import { isPropertyMap, type PropertyMap } from "../../state/properties.ts";
import type { PlanRule } from "../plan.ts";

export const rule: PlanRule = {
  name: "consistency-classes-stay",
  description: "A namespace keeps its consistency class.",
  reason:
    "The classes keep their data in different places: after the change every key of the namespace is missing, although nothing was deleted.",
  fix: "Declare a namespace of another name with the wanted class, move the data, then remove the old one.",
  check: ({ changes }) =>
    changes
      .filter(({ type }) => type === COMPONENT_TYPES.namespaces)
      .flatMap(({ urn, before, after }) => {
        const [old, wanted] = [classes(before), classes(after)];
        const changed = Object.keys(wanted).filter((name) => name in old && old[name] !== wanted[name]);
        return changed.map((name) => ({ message: `Namespace ${name} changes its consistency class.`, urn }));
      }),
};

/** None are recorded by versions that did not register them. */
function classes(inputs: PropertyMap | undefined): PropertyMap {
  const consistency = inputs?.["consistency"];
  return isPropertyMap(consistency) ? consistency : {};
}
