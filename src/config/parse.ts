import { z } from "zod";

import { Secret } from "../core/secret.ts";
import type { CheckContext, PartialConfig } from "./check.ts";
import { crossFieldProblems } from "./checks.ts";
import { isMapping } from "./path.ts";
import { inOrder, type Locate, type Problem, problemsError } from "./problems.ts";
import { type EnvironmentConfig, environmentSchema } from "./schema.ts";
import { children, required } from "./schema-nodes.ts";
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

/**
 * The values that Pulumi hands to a program, with the types of the schema: creating a stack rewrites numbers as
 * strings, and secrets arrive decrypted. Everything that does not fit stays as it is, for the schema to refuse.
 */
function fromRunTime(root: z.core.$ZodType, value: unknown): unknown {
  const node = required(root);
  if (node instanceof z.ZodNumber) return isCanonicalDecimal(value) ? Number(value) : value;
  if (node instanceof z.ZodUnion) return typeof value === "string" && value !== "" ? new Secret(value) : value;
  if (node instanceof z.ZodArray && Array.isArray(value)) return value.map((item) => fromRunTime(node.element, item));
  if (!isMapping(value)) return value;
  const known = new Map(children(node));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const child = known.get(key) ?? (node instanceof z.ZodRecord ? node.valueType : undefined);
      return [key, child ? fromRunTime(child, item) : item];
    }),
  );
}

function isCanonicalDecimal(value: unknown): value is string {
  return typeof value === "string" && /^(?:0|[1-9]\d{0,15})$/.test(value);
}
