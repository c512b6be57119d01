import { Scalar } from "yaml";

import { type Path, quote } from "./path.ts";
import type { Problem } from "./problems.ts";
import { environmentSchema } from "./schema.ts";
import { noteAt, scalarKind, schemaAt } from "./schema-nodes.ts";

/**
 * Text that YAML 1.1 reads as a boolean, a null, a date or a number: the Pulumi CLI reads and rewrites the file by
 * rules of its own, so that what this reader takes for text may be something else there. https://yaml.org/type/
 */
const READ_OTHERWISE = [
  /^(?:y|yes|n|no|true|false|on|off|null|~)$/i,
  /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt \t].*)?$/,
  /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-fA-F_]+)$/,
  /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/,
  /^[-+]?(?:\d[\d_]*(?:\.[\d_]*)?|\.[\d_]+)(?:[eE][-+]?\d+)?$/,
  /^[-+]?\.(?:inf|nan)$/i,
] as const;

/** Whether `text` needs quotes to be text for every reader. */
export function needsQuotes(text: string): boolean {
  return READ_OTHERWISE.some((pattern) => pattern.test(text));
}

/** The value that was meant, and what is wrong with the way it is written. */
export function readScalar(scalar: Scalar, path: Path): { readonly value: unknown; readonly problem?: Problem } {
  const node = schemaAt(environmentSchema, path);
  const kind = node === undefined ? "other" : scalarKind(node);
  const source = scalar.source ?? "";
  const plain = scalar.type === Scalar.PLAIN && scalar.value !== null;
  if (plain && kind === "text") return readPlainText(source, path);
  if (plain && kind === "number" && Number.isInteger(scalar.value) && source !== String(scalar.value)) {
    return { value: scalar.value, problem: oddNumber(source, Number(scalar.value), path) };
  }
  return { value: scalar.value };
}

function readPlainText(text: string, path: Path): { readonly value: string; readonly problem?: Problem } {
  const note = noteAt(environmentSchema, path);
  const wanted = note?.quoted === true && text !== "never";
  if (!wanted && !needsQuotes(text)) return { value: text };
  const hidden = note?.shows !== undefined;
  const problem = {
    path,
    found: hidden ? "a value without quotes" : `${quote(text)} without quotes`,
    expected: "text in quotes: YAML readers take such text for a date, a number or a boolean",
    fix: hidden ? "put the value in double quotes" : `put it in quotes: ${quote(text)}`,
  };
  return { value: text, problem };
}

function oddNumber(source: string, value: number, path: Path): Problem {
  return {
    path,
    found: `the number ${quote(source)}`,
    expected: "digits only: YAML readers disagree about other notations",
    fix: `write ${String(value)}, if that is what was meant`,
  };
}
