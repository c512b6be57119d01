import { z } from "zod";

import { type KeyNote, keyNotes } from "./key-notes.ts";
import type { Path } from "./path.ts";

/** The schema without what makes it optional. */
export function required(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional ? required(schema.unwrap()) : schema;
}

/** The schema of what stands at `path`, or undefined where the schema knows nothing of it. */
export function schemaAt(root: z.core.$ZodType, path: Path): z.core.$ZodType | undefined {
  let node: z.core.$ZodType | undefined = required(root);
  for (const step of path) {
    node = node && child(node, step);
    if (!node) return undefined;
  }
  return node;
}

/** The note of what stands at `path`, or of the nearest thing above it that has one. */
export function noteAt(root: z.core.$ZodType, path: Path): KeyNote | undefined {
  for (let length = path.length; length > 0; length--) {
    const node = schemaAt(root, path.slice(0, length));
    const note = node && keyNotes.get(node);
    if (note) return note;
  }
  return undefined;
}

/** The keys that the mapping at `path` may have; none where any name is allowed. */
export function keysAt(root: z.core.$ZodType, path: Path): readonly string[] {
  const node = schemaAt(root, path);
  return node instanceof z.ZodObject ? Object.keys(node.shape) : [];
}

/** Whether free text, a number or something else is expected. An enumeration is something else. */
export function scalarKind(node: z.core.$ZodType): "text" | "number" | "other" {
  if (node instanceof z.ZodNumber) return "number";
  return node instanceof z.ZodString ? "text" : "other";
}

/** One level below `node`: its keys with their schemas. */
export function children(node: z.core.$ZodType): readonly (readonly [string, z.core.$ZodType])[] {
  if (node instanceof z.ZodObject) return Object.entries<z.core.$ZodType>(node.shape);
  if (node instanceof z.ZodRecord) return [["<name>", node.valueType]];
  return node instanceof z.ZodArray ? [["[]", node.element]] : [];
}

function child(node: z.core.$ZodType, step: string | number): z.core.$ZodType | undefined {
  if (node instanceof z.ZodObject) {
    const shape: Record<string, z.core.$ZodType> = node.shape;
    const found = Object.hasOwn(shape, step) ? shape[step] : undefined;
    return found && required(found);
  }
  if (node instanceof z.ZodRecord) return required(node.valueType);
  return node instanceof z.ZodArray && typeof step === "number" ? required(node.element) : undefined;
}
