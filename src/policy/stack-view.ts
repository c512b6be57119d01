import type { PolicyResource } from "@pulumi/policy";
import { z } from "zod";

import { ENVIRONMENT_NAME } from "../config/formats.ts";
import { environmentSchema } from "../config/schema.ts";
import { COMPONENT_TYPES } from "../stack/types.ts";
import { propertiesOf } from "../state/properties.ts";
import type { EnvironmentFacts, StackResource } from "./model.ts";

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
    props: propertiesOf(props),
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
