import { environmentGroupName, gatewayWorkerName, namespaceTitle, ROLES, SLOTS } from "../../core/names.ts";
import { type PolicyRule, resourcesOfType, type StackResource, type StackView, type Violation } from "../model.ts";

/** The name of a credential in the program: role, slot and epoch. */
const CREDENTIAL_NAME = new RegExp(`^(?:${ROLES.join("|")})-(?:${SLOTS.join("|")})[1-9][0-9]*$`);

export const rule: PolicyRule = {
  name: "names-follow-the-environment",
  level: "mandatory",
  description:
    "Namespace titles are `<app>-<environment>-<name>`, the group is `<app>-<environment>-cloudflare-kv`, the Worker is `<app>-<environment>-gateway`, tokens are `<app>-<environment>-<role>-<slot><epoch>`; the last part is the resource's name in the program, as it is of random passwords.",
  reason:
    "What kvshift made is recognised at the vendors by its name alone: a lost answer, a second environment or a forgotten token is found that way. A token whose name moves on while its resource stays keeps its old secret.",
  fix: "Name the resource after its namespace or its credential and derive the vendor's name with the functions in src/core/names.ts.",
  check: (stack) => [
    ...resourcesOfType(stack, "namespace").flatMap((resource) => differs(resource, "title", titleOf(resource, stack))),
    ...resourcesOfType(stack, "group").flatMap((resource) => differs(resource, "name", groupNameOf(stack))),
    ...resourcesOfType(stack, "worker").flatMap((resource) => differs(resource, "name", workerNameOf(stack))),
    ...resourcesOfType(stack, "accountToken").flatMap((resource) => checkToken(resource, stack)),
    ...resourcesOfType(stack, "randomPassword").flatMap((resource) => checkCredentialName("Password", resource)),
  ],
};

function titleOf({ name }: StackResource, { environment }: StackView): string {
  return namespaceTitle(environment.app, environment.environment, name);
}

function groupNameOf({ environment }: StackView): string {
  return environmentGroupName(environment.app, environment.environment);
}

function workerNameOf({ environment }: StackView): string {
  return gatewayWorkerName(environment.app, environment.environment);
}

function checkCredentialName(kind: "Token" | "Password", { name, urn }: StackResource): readonly Violation[] {
  if (CREDENTIAL_NAME.test(name)) return [];
  return [{ message: `${kind} ${name}: its name in the program is not <role>-<slot><epoch>.`, urn }];
}

function checkToken(token: StackResource, { environment }: StackView): readonly Violation[] {
  const misnamed = checkCredentialName("Token", token);
  if (misnamed.length > 0) return misnamed;
  return differs(token, "name", `${environment.app}-${environment.environment}-${token.name}`);
}

/** An unknown name differs too: every name follows from the configuration. */
function differs(resource: StackResource, property: string, expected: string): readonly Violation[] {
  if (resource.props[property] === expected) return [];
  return [{ message: `${resource.name}: ${property} is not ${expected}.`, urn: resource.urn }];
}
