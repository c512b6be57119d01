import { namespaceIdVariable, namespaceTitle } from "../../core/names.ts";
import { kvBinding, namespaceBinding } from "../../gateway/bindings.ts";
import { COMPONENT_TYPES } from "../../stack/types.ts";
import { isPropertyMap, type PropertyMap, type PropertyValue, UNKNOWN, parsedObject } from "../../state/properties.ts";
import { bindingsOf, nameOf, violationOf } from "../bindings.ts";
import { unreadableVariables, variableValue } from "../group-variables.ts";
import {
  type EnvironmentFacts,
  type PolicyRule,
  resourcesOfType,
  type StackResource,
  type StackView,
  type Violation,
} from "../model.ts";

const JSON_VARIABLE = "CLOUDFLARE_KV_NAMESPACES";

export const rule: PolicyRule = {
  name: "own-namespaces-only",
  level: "mandatory",
  description:
    "Each `CLOUDFLARE_KV_NAMESPACE_ID_<NAME>` of a group, and each id in `CLOUDFLARE_KV_NAMESPACES`, comes from the namespace resource of that name in this stack; each binding of a Worker to a namespace, and each description of one, is that of the namespace of its name in this stack.",
  reason:
    "A token, and a Worker, can reach every namespace of its account: with the id of another environment a service reads and deletes that environment's data, and nothing refuses it.",
  fix: "Take the id from the `id` of the namespace resource of this stack; never copy an id and never read it from another stack.",
  afterCreation: true,
  check: (stack) => {
    const namespaces = resourcesOfType(stack, "namespace").map((resource) => ({ resource, id: idOf(resource, stack) }));
    const ofGroups = resourcesOfType(stack, "group").flatMap((group) => {
      if (group.props["envVars"] === UNKNOWN) return [unreadableVariables(group)];
      return [...namespaces.flatMap((namespace) => checkVariable(group, namespace)), ...checkJson(group, namespaces)];
    });
    const versions = resourcesOfType(stack, "workerVersion");
    return [...ofGroups, ...versions.flatMap((version) => checkBindings(version, namespaces, stack.environment))];
  },
};

interface Namespace {
  readonly resource: StackResource;
  /** Cloudflare's id, `UNKNOWN` before it is created. */
  readonly id: PropertyValue;
}

/** The engine shows rules no ids of resources: the component of the namespaces registers them. */
function idOf({ name, props }: StackResource, { resources }: StackView): PropertyValue {
  if (typeof props["id"] === "string") return props["id"];
  const component = resources.find(({ type }) => type === COMPONENT_TYPES.namespaces);
  const ids = component?.props["ids"];
  return (isPropertyMap(ids) ? ids[name] : undefined) ?? UNKNOWN;
}

function checkVariable(group: StackResource, namespace: Namespace): readonly Violation[] {
  const variable = namespaceIdVariable(namespace.resource.name);
  const value = variableValue(group, variable);
  // A variable that is missing breaks another rule.
  if (value === undefined || isIdOf(value, namespace, group)) return [];
  return [violation(group, `${variable} is not the id of namespace ${namespace.resource.name} of this stack`)];
}

function checkJson(group: StackResource, namespaces: readonly Namespace[]): readonly Violation[] {
  const value = variableValue(group, JSON_VARIABLE);
  if (value === undefined) return [];
  if (value === UNKNOWN) {
    return namespaces
      .filter(({ resource }) => !dependsOn(group, resource))
      .map(({ resource }) => violation(group, `${JSON_VARIABLE} takes no id from namespace ${resource.name}`));
  }
  const entries = parsedObject(value);
  if (!entries) return [violation(group, `${JSON_VARIABLE} is not a JSON object of namespaces`)];
  return Object.entries(entries).flatMap(([name, entry]) => {
    const namespace = namespaces.find(({ resource }) => resource.name === name);
    const id = isPropertyMap(entry) ? entry["id"] : undefined;
    if (namespace && id !== undefined && isIdOf(id, namespace, group)) return [];
    // The name of a foreign namespace is part of a value, which no message shows.
    const which = namespace ? `names for ${name} another id than that of its namespace` : "names a foreign namespace";
    return [violation(group, `${JSON_VARIABLE} ${which}`)];
  });
}

/** Bindings that are unknown as a whole break another rule. */
function checkBindings(
  version: StackResource,
  namespaces: readonly Namespace[],
  environment: EnvironmentFacts,
): readonly Violation[] {
  return (bindingsOf(version) ?? []).flatMap((binding) => {
    const described = namespaces.find(({ resource }) => namespaceBinding(resource.name) === binding["name"]);
    if (described !== undefined) return checkDescription(version, binding, described, environment);
    if (binding["type"] !== "kv_namespace") return [];
    const bound = namespaces.find(({ resource }) => kvBinding(resource.name) === binding["name"]);
    if (bound !== undefined && isBoundTo(binding["namespaceId"] ?? null, version, bound)) return [];
    return [violationOf(version, `binding ${nameOf(binding)} reaches another namespace than that of its name`)];
  });
}

/** What the gateway is told of a namespace: it finds strong data by the id, and lists it under the title. */
function checkDescription(
  version: StackResource,
  binding: PropertyMap,
  { resource, id }: Namespace,
  { app, environment }: EnvironmentFacts,
): readonly Violation[] {
  const { text } = binding;
  // It holds an id that is there when the namespace is created.
  if (text === UNKNOWN && isBoundTo(UNKNOWN, version, { resource, id })) return [];
  const described = parsedObject(text);
  const isOwn =
    described?.["name"] === resource.name &&
    described["title"] === namespaceTitle(app, environment, resource.name) &&
    (id === UNKNOWN || described["id"] === id);
  return isOwn
    ? []
    : [violationOf(version, `binding ${nameOf(binding)} describes another namespace than that of its name`)];
}

function isBoundTo(id: PropertyValue, { propertyDependencies }: StackResource, namespace: Namespace): boolean {
  if (id !== UNKNOWN) return namespace.id === id;
  return (propertyDependencies["bindings"] ?? []).includes(namespace.resource.urn);
}

/** An unknown value may be the right id where it comes from the right resource; a known one is compared. */
function isIdOf(value: PropertyValue, { resource, id }: Namespace, group: StackResource): boolean {
  if (value === UNKNOWN) return dependsOn(group, resource);
  return typeof value === "string" && value === id;
}

function dependsOn({ propertyDependencies }: StackResource, { urn }: StackResource): boolean {
  return (propertyDependencies["envVars"] ?? []).includes(urn);
}

function violation({ name, urn }: StackResource, finding: string): Violation {
  return { message: `Environment group ${name}: ${finding}.`, urn };
}
