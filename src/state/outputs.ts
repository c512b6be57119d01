import { z } from "zod";

import { AppError } from "../core/app-error.ts";
import { Secret } from "../core/secret.ts";
import type { StackOutputs } from "../stack/outputs.ts";
import { decryptedText } from "./ciphertext.ts";
import type { Deployment } from "./deployment.ts";
import { propertiesOf, isPropertyMap, type PropertyValue } from "./properties.ts";

/** Outputs by name, secrets decrypted: never log them. `secret`: whether any part of the value is one. */
export type Outputs = Readonly<Record<string, { readonly value: unknown; readonly secret: boolean }>>;

/** The outputs of the last run that ended well, from the state with its secrets decrypted. */
export function readOutputs({ stack }: Deployment): Outputs {
  const outputs = propertiesOf(stack?.outputs ?? {});
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, revealed(value)]));
}

/**
 * A stack that was destroyed still exists, but has no outputs: for people it is the same as none.
 *
 * @throws AppError STACK_NOT_FOUND
 */
export function requireOutputs<T extends Readonly<Record<string, unknown>>>(outputs: T): T {
  if (Object.keys(outputs).length === 0) throw stackNotFound();
  return outputs;
}

/** The error of an environment that no run has provisioned. */
export function stackNotFound(): AppError {
  return new AppError("STACK_NOT_FOUND", {
    problem: "This environment has not been provisioned in this backend.",
    fix: "Run `kvshift up --stack <environment>` first, or check PULUMI_BACKEND_URL and --stack.",
  });
}

const MASK = new Secret("").toString();

/** Outputs by name, secret ones as `[secret]`. */
export function maskedOutputs(outputs: Outputs): Record<string, unknown> {
  return Object.fromEntries(Object.entries(outputs).map(([name, { value, secret }]) => [name, secret ? MASK : value]));
}

function revealed(value: PropertyValue): { value: unknown; secret: boolean } {
  const text = decryptedText(value);
  if (text !== undefined) {
    const { inside = null } = propertiesOf({ inside: JSON.parse(text) as unknown });
    return { value: revealed(inside).value, secret: true };
  }
  if (Array.isArray(value)) {
    const parts = value.map(revealed);
    return { value: parts.map((part) => part.value), secret: parts.some(({ secret }) => secret) };
  }
  if (!isPropertyMap(value)) return { value, secret: false };
  const entries = Object.entries(value).map(([name, part]) => [name, revealed(part)] as const);
  return {
    value: Object.fromEntries(entries.map(([name, part]) => [name, part.value])),
    secret: entries.some(([, { secret }]) => secret),
  };
}

/** The variables of the application, secret ones apart: never log those. */
export interface EnvironmentVariables {
  readonly plain: Readonly<Record<string, string>>;
  readonly secret: Readonly<Record<string, string>>;
}

/** What the environment group gives to services, out of the outputs of a stack that exists. */
export function variablesOf(outputs: Outputs): EnvironmentVariables {
  const read = (name: keyof StackOutputs) => z.record(z.string(), z.string()).parse(outputs[name]?.value);
  return { plain: read("variables"), secret: read("secretVariables") };
}
