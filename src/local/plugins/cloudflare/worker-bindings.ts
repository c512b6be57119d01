import { canonicalJson, isList, isProperties, type Plain, type Properties } from "../plain.ts";
import { fromApi, toApi } from "../property-names.ts";
import { isUnknown } from "../unknown.ts";

/** Bindings as the official provider sends them: sorted by name, `json` parsed. */
export function bindingsToApi(bindings: readonly Plain[]): readonly Plain[] {
  return bindings
    .filter(isProperties)
    .toSorted(byName)
    .map(({ json, ...binding }) => ({
      ...toApi(binding),
      ...(typeof json === "string" ? { json: JSON.parse(json) as Plain } : {}),
    }));
}

export function bindingsFromApi(bindings: readonly Plain[]): readonly Plain[] {
  return bindings.filter(isProperties).map(({ json, ...binding }) => ({
    ...fromApi(binding),
    ...(json === undefined || json === null ? {} : { json: JSON.stringify(json) }),
  }));
}

/** The order of bindings, and of keys in their JSON, means nothing. */
export function canonicalBindings(bindings: Plain | undefined): Plain | undefined {
  if (!isList(bindings) || !bindings.every(isProperties)) return bindings;
  return bindings.toSorted(byName).map((binding) => ({ ...binding, ...canonicalBindingJson(binding) }));
}

function canonicalBindingJson({ json }: Properties): Properties {
  if (typeof json !== "string" || isUnknown(json)) return {};
  return { json: canonicalJson(JSON.parse(json) as Plain) };
}

function byName(left: Properties, right: Properties): number {
  return String(left["name"]) < String(right["name"]) ? -1 : 1;
}
