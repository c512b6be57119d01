import type { Violation } from "../model.ts";
import { isComponent, plainCredentials } from "../plain-credentials.ts";
import type { StateResource, StateRule } from "../state.ts";

export const rule: StateRule = {
  name: "no-plain-credential-in-outputs",
  description:
    "No output of the stack, and nothing that a component registers, holds a credential in clear or shows a value under the name of one.",
  reason: "Outputs are printed by `pulumi stack output`, read by other stacks and copied into logs.",
  fix: "Wrap the output with `pulumi.secret()`, or leave it out; then rotate the credential.",
  check: ({ resources, secrets }) => {
    const known = secrets.map((secret) => secret.reveal());
    return resources.filter(isComponent).flatMap((resource) => findings(resource, known));
  },
};

function findings({ type, name, urn, inputs, outputs }: StateResource, known: readonly string[]): readonly Violation[] {
  const paths = [inputs, outputs].flatMap((properties) => plainCredentials(type, properties, known));
  return [...new Set(paths)].map((path) => ({ message: `Component ${name}: ${path} is a credential in clear.`, urn }));
}
