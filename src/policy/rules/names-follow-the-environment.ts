import {
  credentialOfName,
  environmentGroupName,
  gatewayWorkerName,
  namespaceTitle,
  tokenName,
} from "../../core/names.ts";
import { type PolicyRule, resourcesOfType, type StackResource, type StackView, type Violation } from "../model.ts";

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
    ...resourcesOfType(stack, "randomPassword").flatMap((resource) => checkPassword(resource)),
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

function checkToken(token: StackResource, { environment: { app, environment } }: StackView): readonly Violation[] {
  const credential = credentialOfName(token.name);
  if (!credential) return misnamed("Token", token);
  const { role, slot, epoch } = credential;
  return differs(token, "name", tokenName(app, environment, role, slot, epoch));
}

function checkPassword(password: StackResource): readonly Violation[] {
  return credentialOfName(password.name) ? [] : misnamed("Password", password);
}

function misnamed(kind: "Token" | "Password", { name, urn }: StackResource): readonly Violation[] {
  return [{ message: `${kind} ${name}: its name in the program is not <role>-<slot><epoch>.`, urn }];
}

/** An unknown name differs too: every name follows from the configuration. */
function differs(resource: StackResource, property: string, expected: string): readonly Violation[] {
  if (resource.props[property] === expected) return [];
  return [{ message: `${resource.name}: ${property} is not ${expected}.`, urn: resource.urn }];
}
