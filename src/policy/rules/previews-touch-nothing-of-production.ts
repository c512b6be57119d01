import { RESOURCE_TYPES } from "../../stack/types.ts";
import { type PropertyValue, UNKNOWN } from "../../state/properties.ts";
import { unreadableNeighbours } from "../account-neighbours.ts";
import {
  type Neighbour,
  type PolicyRule,
  resourcesOfType,
  type StackResource,
  type StackView,
  type Violation,
} from "../model.ts";
import { sharedServices } from "../service-neighbours.ts";

/** The property that carries each type's name at its vendor. */
const NAMES = { namespace: "title", group: "name", accountToken: "name", worker: "name" } as const;

export const rule: PolicyRule = {
  name: "previews-touch-nothing-of-production",
  level: "mandatory",
  description:
    "A preview links no service of a production environment, puts no group into its Render environment, uses no name that starts with `<app>-<production environment>-`, and creates nothing in its account.",
  reason:
    "A link hands the preview's variables to the services of production, and an object under a name of production is taken for production's own when state and vendors are compared.",
  fix: "Name only services, an environment of Render and an account that belong to previews, and an application whose names cannot begin like those of production.",
  check: (stack) => {
    if (stack.environment.kind !== "preview") return [];
    const productions = stack.neighbours.known.filter(({ kind }) => kind === "production");
    return [...productions.flatMap((production) => touches(stack, production)), ...unreadableNeighbours(stack)];
  },
};

function touches(stack: StackView, production: Neighbour): readonly Violation[] {
  const { environment: name, accountId, renderEnvironmentId } = production;
  return [
    ...sharedServices(stack, production),
    ...resourcesOfType(stack, "group")
      .filter(({ props }) => renderEnvironmentId !== undefined && mayBe(props["environmentId"], renderEnvironmentId))
      .map((group) => violation("Environment group", group, `is in the Render environment of ${name}`)),
    ...namesOf(stack)
      .filter(({ value }) => mayStartWith(value, `${production.app}-${name}-`))
      .map(({ resource }) => violation("Resource", resource, `has a name that is reserved for ${name}`)),
    // A preview whose own account is production's breaks another rule as a whole.
    ...(stack.environment.accountId === accountId ? [] : vendorResources(stack))
      .filter(({ props }) => "accountId" in props && mayBe(props["accountId"], accountId))
      .map((resource) => violation("Resource", resource, `is in the account of the production environment ${name}`)),
  ];
}

function namesOf(stack: StackView) {
  const types = ["namespace", "group", "accountToken", "worker"] as const;
  return types.flatMap((type) =>
    resourcesOfType(stack, type).map((resource) => ({ resource, value: resource.props[NAMES[type]] ?? null })),
  );
}

/** Everything at a vendor; components only repeat what was said. */
function vendorResources({ resources }: StackView): readonly StackResource[] {
  const types: readonly string[] = Object.values(RESOURCE_TYPES);
  return resources.filter(({ type }) => types.includes(type));
}

function mayBe(value: PropertyValue | undefined, reserved: string): boolean {
  return value === UNKNOWN || value === reserved;
}

function mayStartWith(value: PropertyValue, prefix: string): boolean {
  return value === UNKNOWN || (typeof value === "string" && value.startsWith(prefix));
}

function violation(kind: "Environment group" | "Resource", { name, urn }: StackResource, finding: string): Violation {
  return { message: `${kind} ${name} ${finding}.`, urn };
}
