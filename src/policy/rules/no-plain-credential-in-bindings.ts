import { namespaceBinding } from "../../gateway/bindings.ts";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../state/properties.ts";
import { bindingsOf, nameOf, violationOf } from "../bindings.ts";
import { holdsCredential, isSecretName, isCredentialValue } from "../credential-values.ts";
import { variableNames, variableValue } from "../group-variables.ts";
import { type PolicyRule, resourcesOfType, type StackResource, type StackView, type Violation } from "../model.ts";

/** The properties of a binding that anybody who may read the Worker sees, by its type. */
const VISIBLE = new Map<PropertyValue | undefined, string>([
  ["plain_text", "text"],
  ["json", "json"],
]);

export const rule: PolicyRule = {
  name: "no-plain-credential-in-bindings",
  level: "mandatory",
  description:
    "No `plain_text` or `json` binding of a Worker version holds a credential or is named like one; `secret_text` is the place for it.",
  reason:
    "Plain bindings are shown in the dashboard and by the API to everybody who may read the Worker, and stand in clear in the state.",
  fix: "Bind it as `secret_text`, or bind what is no secret: an id, or the SHA-256 of the credential.",
  afterCreation: true,
  check: (stack) => {
    const known = { credentials: credentialsOf(stack), harmless: namesOfNamespaces(stack) };
    return resourcesOfType(stack, "workerVersion").flatMap((version) => checkBindings(version, known));
  },
};

interface Known {
  readonly credentials: readonly string[];
  /** Names of bindings that only look like those of a credential. */
  readonly harmless: ReadonlySet<string>;
}

function checkBindings(version: StackResource, known: Known): readonly Violation[] {
  const bindings = bindingsOf(version);
  if (bindings === undefined) return [violationOf(version, "its bindings are not known before it is created")];
  return bindings
    .filter((binding) => isPlainCredential(binding, known))
    .map((binding) => violationOf(version, `binding ${nameOf(binding)} holds a credential in clear`));
}

function isPlainCredential(binding: PropertyMap, { credentials, harmless }: Known): boolean {
  if (binding["type"] === UNKNOWN) return true;
  const property = VISIBLE.get(binding["type"]);
  if (property === undefined) return false;
  const value = binding[property];
  const name = nameOf(binding);
  const isNamedLikeOne = isSecretName(name) && !harmless.has(name);
  return isNamedLikeOne || (typeof value === "string" && holdsCredential(value, credentials));
}

/** A namespace may well be called `refresh-token`. */
function namesOfNamespaces(stack: StackView): ReadonlySet<string> {
  return new Set(resourcesOfType(stack, "namespace").map(({ name }) => namespaceBinding(name)));
}

/** Every credential of the stack whose value is known. */
function credentialsOf(stack: StackView): readonly string[] {
  const values = [
    ...resourcesOfType(stack, "accountToken").map(({ props }) => props["value"]),
    ...resourcesOfType(stack, "randomPassword").map(({ props }) => props["result"]),
    ...resourcesOfType(stack, "group").flatMap((group) =>
      (variableNames(group) ?? []).filter(isSecretName).map((name) => variableValue(group, name)),
    ),
  ];
  return values.filter(isCredentialValue);
}
