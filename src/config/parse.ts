import type { CheckContext, PartialConfig } from "./check.ts";
import { crossFieldProblems } from "./checks.ts";
import { inOrder, type Locate, type Problem, problemsError } from "./problems.ts";
import { fromRunTime } from "./run-time-values.ts";
import { type EnvironmentConfig, environmentSchema } from "./schema.ts";
import { schemaProblems, withoutProblems } from "./schema-problems.ts";

export interface ParseContext extends CheckContext {
  /** The name of the file, for problems. */
  readonly file?: string;
  readonly locate?: Locate;
}

/**
 * Parses the configuration of an environment. `values`: everything under `kvshift:`, without that prefix.
 * Throws `CONFIG_INVALID` with every problem in the order of the file.
 */
export function parseEnvironment(values: Record<string, unknown>, context: ParseContext): EnvironmentConfig {
  const { config, problems } = checkEnvironment(values, context);
  if (!config) throw problemsError("CONFIG_INVALID", inOrder(problems, values, context.locate), context);
  return config;
}

/** All problems of the values, in no order; the configuration where there are none. */
export function checkEnvironment(
  values: Record<string, unknown>,
  context: CheckContext,
): { readonly config?: EnvironmentConfig; readonly problems: readonly Problem[] } {
  const typed = context.secrets === "decrypted" ? fromRunTime(environmentSchema, values) : values;
  const parsed = environmentSchema.safeParse(typed);
  const malformed = parsed.success ? [] : schemaProblems(environmentSchema, typed, parsed.error.issues);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is left without the malformed parts has the schema's types
  const wellFormed = withoutProblems(typed, malformed) as PartialConfig;
  const problems = [...malformed, ...crossFieldProblems(wellFormed, context)];
  return parsed.success && problems.length === 0 ? { config: parsed.data, problems } : { problems };
}
