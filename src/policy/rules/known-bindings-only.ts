import { BINDINGS, knownBindings, type KnownBinding } from "../../gateway/bindings.ts";
import type { PropertyMap } from "../../state/properties.ts";
import { bindingsOf, nameOf, violationOf } from "../bindings.ts";
import { type PolicyRule, resourcesOfType, type StackResource, type StackView, type Violation } from "../model.ts";

/** What would take an object of another Worker in place of this one's. */
const FOREIGN_OBJECT = ["scriptName", "environment", "dispatchNamespace"] as const;

export const rule: PolicyRule = {
  name: "known-bindings-only",
  level: "mandatory",
  description:
    "A Worker version has bindings that the gateway reads and no other, each name once, of its type; Durable Objects are of its own classes, and it is told its own environment and account.",
  reason:
    "A Worker reaches what it is bound to, and each rule judges the bindings of the names that it knows: what is bound under another name is reached and judged by nobody.",
  fix: "Remove what was bound beside them. For a binding that the gateway is to have: name it in src/gateway/bindings.ts, make it in src/stack/gateway-bindings.ts, and let a rule judge it.",
  check: (stack) => {
    const known = knownBindings(resourcesOfType(stack, "namespace").map(({ name }) => name));
    return resourcesOfType(stack, "workerVersion").flatMap((version) => checkVersion(version, stack, known));
  },
};

function checkVersion(
  version: StackResource,
  stack: StackView,
  known: ReadonlyMap<string, KnownBinding>,
): readonly Violation[] {
  // Bindings that are unknown as a whole break another rule.
  const bindings = bindingsOf(version) ?? [];
  const names = bindings.map(nameOf);
  const twice = names.filter((name, index) => names.indexOf(name) < index);
  return [
    ...bindings.flatMap((binding) =>
      findings(binding, stack, known.get(nameOf(binding))).map((finding) =>
        violationOf(version, `binding ${nameOf(binding)} ${finding}`),
      ),
    ),
    ...[...new Set(twice)].map((name) => violationOf(version, `binding ${name} is there more than once`)),
  ];
}

function findings(binding: PropertyMap, { environment }: StackView, known: KnownBinding | undefined): string[] {
  if (known === undefined) return ["is none that the gateway knows"];
  if (binding["type"] !== known.type) return [`is not of type ${known.type}`];
  const told = new Map<string, string>([
    [BINDINGS.ENVIRONMENT, environment.environment],
    [BINDINGS.ACCOUNT_ID, environment.accountId],
  ]).get(nameOf(binding));
  const foreign = FOREIGN_OBJECT.filter((property) => (binding[property] ?? "") !== "");
  return [
    ...(told === undefined || binding["text"] === told ? [] : ["does not say what this environment is"]),
    ...(known.className === undefined || binding["className"] === known.className
      ? []
      : [`is not the class ${known.className}`]),
    ...(known.className === undefined ? [] : foreign.map((property) => `has ${property}: it is of another Worker`)),
  ];
}
