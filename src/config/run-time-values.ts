import { z } from "zod";

import { Secret } from "../core/secret.ts";
import { isMapping } from "./path.ts";
import { children, required } from "./schema-nodes.ts";

/**
 * The values that Pulumi hands to a program, with the types of the schema: creating a stack rewrites numbers as
 * strings, and secrets arrive decrypted. Everything that does not fit stays as it is, for the schema to refuse.
 */
export function fromRunTime(root: z.core.$ZodType, value: unknown): unknown {
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
