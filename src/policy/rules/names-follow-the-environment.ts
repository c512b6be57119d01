import { environmentGroupName, namespaceTitle, ROLES, SLOTS } from "../../core/names.ts";
import { type PolicyRule, resourcesOfType, type StackResource, type StackView, type Violation } from "../model.ts";

/** The name of a token in the program: role, slot and epoch. */
const TOKEN_NAME = new RegExp(`^(?:${ROLES.join("|")})-(?:${SLOTS.join("|")})[1-9][0-9]*$`);

export const rule: PolicyRule = {
  name: "names-follow-the-environment",
  level: "mandatory",
  description:
    "Namespace titles are `<app>-<environment>-<name>`, the group is `<app>-<environment>-cloudflare-kv`, tokens are `<app>-<environment>-<role>-<slot><epoch>`; the last part is the resource's name in the program.",
  reason:
    "What kvshift made is recognised at the vendors by its name alone: a lost answer, a second environment or a forgotten token is found that way. A token whose name moves on while its resource stays keeps its old secret.",
  fix: "Name the resource after its namespace or its credential and derive the vendor's name with the functions in src/core/names.ts.",
  check: (stack) => [
    ...resourcesOfType(stack, "namespace").flatMap((resource) => differs(resource, "title", titleOf(resource, stack))),
    ...resourcesOfType(stack, "group").flatMap((resource) => differs(resource, "name", groupNameOf(stack))),
    ...resourcesOfType(stack, "accountToken").flatMap((resource) => checkToken(resource, stack)),
  ],
};

function titleOf({ name }: StackResource, { environment }: StackView): string {
  return namespaceTitle(environment.app, environment.environment, name);
}

function groupNameOf({ environment }: StackView): string {
  return environmentGroupName(environment.app, environment.environment);
}

function checkToken(token: StackResource, { environment }: StackView): readonly Violation[] {
  if (!TOKEN_NAME.test(token.name)) {
    const message = `Token ${token.name}: its name in the program is not <role>-<slot><epoch>.`;
    return [{ message, urn: token.urn }];
  }
  return differs(token, "name", `${environment.app}-${environment.environment}-${token.name}`);
}

/** An unknown name differs too: every name follows from the configuration. */
function differs(resource: StackResource, property: string, expected: string): readonly Violation[] {
  if (resource.props[property] === expected) return [];
  return [{ message: `${resource.name}: ${property} is not ${expected}.`, urn: resource.urn }];
}
