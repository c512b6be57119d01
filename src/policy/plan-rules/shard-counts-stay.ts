import { COMPONENT_TYPES } from "../../stack/types.ts";
import { isPropertyMap, type PropertyMap } from "../../state/properties.ts";
import type { PlanRule } from "../plan.ts";

export const rule: PlanRule = {
  name: "shard-counts-stay",
  description: "A strong namespace keeps its number of shards.",
  reason:
    "The number says which object holds a key: after the change most keys are looked for elsewhere, although nothing was deleted.",
  fix: "Declare a namespace of another name with the wanted number of shards, move the data, then remove the old one.",
  check: ({ changes }) =>
    changes
      .filter(({ type }) => type === COMPONENT_TYPES.namespaces)
      .flatMap(({ urn, before, after }) => {
        const [old, wanted] = [shards(before), shards(after)];
        const changed = Object.keys(wanted).filter((name) => name in old && old[name] !== wanted[name]);
        return changed.map((name) => ({ message: `Namespace ${name} changes its number of shards.`, urn }));
      }),
};

/** None are recorded of eventual namespaces. */
function shards(inputs: PropertyMap | undefined): PropertyMap {
  const counts = inputs?.["shards"];
  return isPropertyMap(counts) ? counts : {};
}
