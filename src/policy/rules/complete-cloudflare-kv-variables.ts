import { namespaceIdVariable } from "../../core/names.ts";
import { unreadableVariables, variableNames } from "../group-variables.ts";
import { type PolicyRule, resourcesOfType, type StackResource, type StackView, type Violation } from "../model.ts";

const PREFIX = "CLOUDFLARE_KV_";

const FIXED_VARIABLES = [
  "CLOUDFLARE_KV_ACCOUNT_ID",
  "CLOUDFLARE_KV_API_TOKEN",
  "CLOUDFLARE_KV_API_URL",
  "CLOUDFLARE_KV_CREDENTIAL_ID",
  "CLOUDFLARE_KV_NAMESPACES",
  "CLOUDFLARE_KV_PHASE",
  "CLOUDFLARE_KV_READ_SHARE",
];

export const rule: PolicyRule = {
  name: "complete-cloudflare-kv-variables",
  level: "mandatory",
  description:
    "The environment group holds every `CLOUDFLARE_KV_*` variable, one `CLOUDFLARE_KV_NAMESPACE_ID_<NAME>` for each namespace, and no other variable with that prefix.",
  reason:
    "A service that starts with half of the set fails late or talks to the wrong namespace; a variable that nobody writes any more goes stale unnoticed.",
  fix: "Add the missing variable to the group, or remove or rename the unknown one; namespaces are declared in `kvshift:namespaces`.",
  check: (stack) => {
    const groups = resourcesOfType(stack, "group");
    if (groups.length === 0) return [{ message: "The environment has no environment group to hold its variables." }];
    const expected = expectedVariables(stack);
    return groups.flatMap((group) => differences(group, expected));
  },
};

function expectedVariables(stack: StackView): readonly string[] {
  const ids = resourcesOfType(stack, "namespace").map(({ name }) => namespaceIdVariable(name));
  return [...FIXED_VARIABLES, ...ids];
}

function differences(group: StackResource, expected: readonly string[]): readonly Violation[] {
  const found = variableNames(group);
  if (found === undefined) return [unreadableVariables(group)];
  const missing = expected.filter((name) => !found.includes(name));
  const unknown = found.filter((name) => name.startsWith(PREFIX) && !expected.includes(name));
  return [
    ...missing.map((name) => ({ message: `Environment group ${group.name} lacks ${name}.`, urn: group.urn })),
    ...unknown.map((name) => ({
      message: `Environment group ${group.name} holds ${name}, which belongs to no setting and no namespace of this environment.`,
      urn: group.urn,
    })),
  ];
}
