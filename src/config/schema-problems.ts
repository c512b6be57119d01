import type { z } from "zod";

import { formatPath, isMapping, pathKey, type Path, quote, valueAt } from "./path.ts";
import { describeValue, type Problem } from "./problems.ts";
import { nearestName } from "./nearest-name.ts";
import { keysAt, noteAt, scalarKind, schemaAt } from "./schema-nodes.ts";

/** What zod found, in the words of the keys' notes: one problem for each place, and one for each unknown key. */
export function schemaProblems(root: z.ZodType, values: unknown, issues: readonly z.core.$ZodIssue[]): Problem[] {
  const problems = issues.flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
    if (issue.code !== "unrecognized_keys") return [valueProblem(root, values, path)];
    return issue.keys.map((key) => unknownKey(root, values, [...path, key]));
  });
  return [...new Map(problems.map((problem) => [pathKey(problem.path), problem])).values()];
}

/** `values` without what `problems` are about: what is left has the types of the schema. List items keep their index. */
export function withoutProblems(values: unknown, problems: readonly Problem[]): unknown {
  const copy = copied(values);
  for (const { path } of problems) {
    const parent = valueAt(copy, path.slice(0, -1));
    const last = path.at(-1);
    if (last === undefined) return {};
    if (Array.isArray(parent)) parent[Number(last)] = undefined;
    else if (isMapping(parent)) parent[last] = undefined;
  }
  return copy;
}

function valueProblem(root: z.ZodType, values: unknown, path: Path): Problem {
  const value = valueAt(values, path);
  const note = noteAt(root, path);
  const expected = note?.expected ?? "another value";
  const key = String(path.at(-1) ?? "");
  const written = `${key}: ${note?.example ?? "…"}`;
  if (value === undefined) return { path, found: "nothing", expected, fix: missingFix(path, written) };
  const found = describeValue(value, note?.shows);
  return { path, found, expected, fix: typeFix(root, path, value) ?? note?.fix ?? exampleFix(path, note?.example) };
}

function missingFix(path: Path, written: string): string {
  const parent = path.slice(0, -1);
  return parent.length === 0 ? `add kvshift:${written}` : `add ${written} under ${formatPath(parent)}`;
}

function exampleFix(path: Path, example = "…"): string {
  return typeof path.at(-1) === "number" ? `write it like ${example}` : `write ${String(path.at(-1))}: ${example}`;
}

/** The fix for a value that only has the wrong quotes. */
function typeFix(root: z.ZodType, path: Path, value: unknown): string | undefined {
  const node = schemaAt(root, path);
  if (node && scalarKind(node) === "number" && typeof value === "string" && /^(?:0|[1-9]\d*)$/.test(value)) {
    return `write it without quotes: ${value}`;
  }
  if (node && scalarKind(node) === "text" && isMapping(value) && Object.hasOwn(value, "secure")) {
    return "write the value in clear: it is not secret";
  }
  return undefined;
}

function unknownKey(root: z.ZodType, values: unknown, path: Path): Problem {
  const known = keysAt(root, path.slice(0, -1));
  const key = String(path.at(-1));
  const siblings = valueAt(values, path.slice(0, -1));
  const free = known.filter((name) => !isMapping(siblings) || !Object.hasOwn(siblings, name));
  const meant = nearestName(key, free);
  return {
    path,
    found: "an unknown key",
    expected: `one of ${known.join(", ")}`,
    fix: meant === undefined ? `remove ${quote(key)}` : `did you mean ${quote(meant)}? Rename the key`,
  };
}

/** Copies mappings and lists; instances of classes, such as `Secret`, stay what they are. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copied(item)]));
}
