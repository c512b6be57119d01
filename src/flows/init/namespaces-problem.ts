import { namespaceChecks } from "../../config/namespace-checks.ts";
import { environmentSchema } from "../../config/schema.ts";
import type { Access } from "../../core/names.ts";
import type { NamespaceAnswer } from "./answers.ts";

/** What is known of the environment by the time its namespaces are asked for. */
export interface NamespacePlace {
  readonly environment: string;
  readonly app: string | undefined;
  readonly access: Access | undefined;
}

/** What is wrong with namespaces as the file would have them; `undefined` where nothing is. In one line, for a prompt. */
export function namespacesProblem(
  answers: readonly NamespaceAnswer[],
  { environment, app, access }: NamespacePlace,
): string | undefined {
  const namespaces = Object.fromEntries(answers.map(({ name, ...settings }) => [name, settings]));
  const { success } = environmentSchema.shape.namespaces.safeParse(namespaces);
  const config = { namespaces, ...(app === undefined ? {} : { app }), ...(access === undefined ? {} : { access }) };
  // No rule about namespaces asks what time it is.
  const context = { environment, now: 0, secrets: "encrypted" } as const;
  const [problem] = namespaceChecks.flatMap(({ find }) => find(config, context));
  if (problem !== undefined) {
    const where = problem.path.slice(1).join(".");
    return `${where === "" ? "" : `${where}: `}found ${problem.found}, expected ${problem.expected}`;
  }
  return success ? undefined : "expected a lifetime of whole seconds, 1 or more, for each";
}
