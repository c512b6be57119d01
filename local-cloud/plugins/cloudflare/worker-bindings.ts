import {
  byName,
  canonicalJson,
  isJson,
  isList,
  isProperties,
  listOf,
  parseJson,
  type Plain,
  type Properties,
  propertiesOf,
} from "../plain.ts";
import { toApi } from "../property-names.ts";
import type { CheckFailure } from "../resource.ts";
import { isUnknown } from "../unknown.ts";

export function checkBindings(bindings: Plain | undefined): readonly CheckFailure[] {
  return listOf(bindings).flatMap((binding, index) => {
    const { json } = propertiesOf(binding);
    if (typeof json !== "string" || isUnknown(json) || isJson(json)) return [];
    return [{ property: `bindings[${String(index)}].json`, reason: "A string with JSON is expected." }];
  });
}

/** Bindings as the official provider sends them: sorted by name, `json` parsed. */
export function bindingsToApi(bindings: readonly Plain[]): readonly Plain[] {
  return bindings.filter(isProperties).toSorted(byName).map(bindingToApi);
}

function bindingToApi({ json, ...binding }: Properties): Properties {
  return { ...toApi(binding), ...(typeof json === "string" ? { json: parseJson(json) } : {}) };
}

/** The order of bindings, and of keys in their JSON, means nothing. */
export function canonicalBindings(bindings: Plain | undefined): Plain | undefined {
  if (!isList(bindings) || !bindings.every(isProperties)) return bindings;
  return bindings.toSorted(byName).map(canonicalBinding);
}

function canonicalBinding(binding: Properties): Properties {
  const { json } = binding;
  if (typeof json !== "string" || isUnknown(json)) return binding;
  return { ...binding, json: canonicalJson(parseJson(json)) };
}
