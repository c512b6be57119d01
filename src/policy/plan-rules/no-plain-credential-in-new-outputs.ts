import { isComponent, plainCredentials } from "../plain-credentials.ts";
import type { PlanRule } from "../plan.ts";

export const rule: PlanRule = {
  name: "no-plain-credential-in-new-outputs",
  description:
    "No output of the stack or of a component will show a credential: none of a known format, and no value that is not secret under the name of one.",
  reason: "What an output has shown once stays in backups of the state and in logs: it has to be refused before.",
  fix: "Wrap the output with `pulumi.secret()`, or leave it out.",
  check: ({ outputs }) =>
    outputs.filter(isComponent).flatMap(({ type, name, urn, outputs: registered }) =>
      plainCredentials(type, registered, []).map((path) => ({
        message: `Component ${name}: ${path} would be a credential in clear.`,
        urn,
      })),
    ),
};
