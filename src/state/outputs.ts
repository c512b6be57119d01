import { z } from "zod";

import { STACK_TYPE } from "../core/urn.ts";
import { decryptedText } from "./ciphertext.ts";
import { isPropertyMap, type PropertyValue } from "../policy/model.ts";
import { propertiesOf } from "./properties.ts";

/** Outputs by name, secrets decrypted: never log them. `secret`: whether any part of the value is one. */
export type Outputs = Readonly<Record<string, { readonly value: unknown; readonly secret: boolean }>>;

const stateSchema = z.object({
  deployment: z.object({
    resources: z.array(z.object({ type: z.string(), outputs: z.record(z.string(), z.unknown()).optional() })).nullish(),
  }),
});

/** The outputs of the last run that ended well, from the state as `pulumi stack export --show-secrets` prints it. */
export function readOutputs(decrypted: unknown): Outputs {
  const { resources } = stateSchema.parse(decrypted).deployment;
  const outputs = propertiesOf(resources?.find(({ type }) => type === STACK_TYPE)?.outputs ?? {});
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, revealed(value)]));
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
