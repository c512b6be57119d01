import { z } from "zod";

import type { RandomBytes } from "../../src/core/random.ts";
import { badRequest } from "./problem.ts";

export interface Variable {
  readonly key: string;
  readonly value: string;
}

const GENERATED_BYTES = 32;
const KEY_FORM = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

export const variableValueSchema = z.object({
  value: z.string().nullish(),
  generateValue: z.boolean().nullish(),
});

export const variableSchema = variableValueSchema.extend({ key: z.string() });

type VariableValue = z.infer<typeof variableValueSchema>;

function resolveValue(key: string, input: VariableValue, random: RandomBytes): string {
  const hasValue = typeof input.value === "string";
  if (input.generateValue === true) {
    if (hasValue) throw badRequest(`${key}: value and generateValue exclude each other`);
    return Buffer.from(random(GENERATED_BYTES)).toString("base64");
  }
  if (!hasValue || input.value === "") throw badRequest(`${key}: an environment variable needs a value`);
  return input.value ?? "";
}

/** A variable to store, with its value generated where that was asked for. */
export function resolveVariable(key: string, input: VariableValue, random: RandomBytes): Variable {
  if (!KEY_FORM.test(key)) throw badRequest("the key of an environment variable has letters, digits, '_', '-' and '.'");
  return { key, value: resolveValue(key, input, random) };
}

/** Variables to store, the last of the input first: the order in which Render lists what was created together. */
export function resolveVariables(inputs: readonly z.infer<typeof variableSchema>[], random: RandomBytes): Variable[] {
  const variables = inputs.map((input) => resolveVariable(input.key, input, random));
  if (new Set(variables.map(({ key }) => key)).size < variables.length) throw badRequest("duplicate key in envVars");
  return variables.toReversed();
}

/** The list with `variable` first and nothing else of its key. */
export function withVariable(variables: readonly Variable[], variable: Variable): readonly Variable[] {
  return [variable, ...withoutVariable(variables, variable.key)];
}

export function withoutVariable(variables: readonly Variable[], key: string): readonly Variable[] {
  return variables.filter((variable) => variable.key !== key);
}

/**
 * What a process sees: a service's own variables beat those of groups, and of two groups the one created last wins.
 * https://render.com/docs/configure-environment-variables
 */
export function effectiveVariables(
  ofService: readonly Variable[],
  ofGroupsOldestFirst: readonly (readonly Variable[])[],
): Record<string, string> {
  const layers = [...ofGroupsOldestFirst, ofService];
  return Object.fromEntries(layers.flat().map(({ key, value }) => [key, value]));
}
