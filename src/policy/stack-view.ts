import type { PolicyResource } from "@pulumi/policy";
import { z } from "zod";

import { ENVIRONMENT_NAME } from "../config/formats.ts";
import { environmentSchema } from "../config/schema.ts";
import { COMPONENT_TYPES } from "../stack/types.ts";
import { type EnvironmentFacts, type PropertyMap, type PropertyValue, type StackResource, UNKNOWN } from "./model.ts";

/** The part of the SDK's resource that rules are given. */
export type ObservedResource = Pick<PolicyResource, "type" | "name" | "urn" | "props"> & {
  readonly propertyDependencies: Readonly<Record<string, readonly Pick<PolicyResource, "urn">[]>>;
};

/** Takes resources out of the SDK's proxies, which throw where a value is unknown: the rules see `UNKNOWN` there. */
export function observedResources(resources: readonly ObservedResource[]): readonly StackResource[] {
  return resources.map(({ type, name, urn, props, propertyDependencies }) => ({
    type,
    name,
    urn,
    props: plainMap(props),
    propertyDependencies: Object.fromEntries(
      Object.entries(propertyDependencies).map(([property, sources]) => [
        property,
        sources.map((source) => source.urn),
      ]),
    ),
  }));
}

const { app, kind, phase, access, cloudflare } = environmentSchema.shape;

const environmentFacts = z.object({
  app,
  environment: z.string().regex(ENVIRONMENT_NAME),
  kind,
  phase,
  access,
  accountId: cloudflare.shape.accountId,
});

/**
 * What the stack's environment component says of itself, or why no rule can judge the stack. The engine shows rules
 * the outputs of a component (`registerOutputs`), not its inputs.
 */
export function environmentOf(resources: readonly StackResource[]): EnvironmentFacts | { readonly problem: string } {
  const [component, ...others] = resources.filter(({ type }) => type === COMPONENT_TYPES.environment);
  if (!component) return { problem: `The stack has no component ${COMPONENT_TYPES.environment}.` };
  if (others.length > 0) return { problem: `The stack has more than one component ${COMPONENT_TYPES.environment}.` };
  const { success, data, error } = environmentFacts.safeParse(component.props);
  if (success) return data;
  const names = [...new Set(error.issues.map(({ path }) => path.join(".")))].join(", ");
  return { problem: `The outputs of component ${component.name} are missing or not understood: ${names}.` };
}

function plainMap(source: object): PropertyMap {
  return Object.fromEntries(Object.keys(source).map((key) => [key, plainValue(() => Reflect.get(source, key))]));
}

function plainValue(read: () => unknown): PropertyValue {
  const value = readOrUnknown(read);
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean" || typeof value === "number" || typeof value === "string") return value;
  if (value === UNKNOWN) return UNKNOWN;
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    return Array.from({ length: list.length }, (_, index) => plainValue(() => list[index]));
  }
  return typeof value === "object" ? plainMap(value) : null;
}

/** The SDK does not export its error; another error goes on and fails the rule, which counts as refused. */
function readOrUnknown(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && error.constructor.name === "UnknownValueError") return UNKNOWN;
    throw error;
  }
}
