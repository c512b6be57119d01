import { AppError } from "../core/app-error.ts";
import type { ErrorCode } from "../core/error-codes.ts";
import { formatPath, isMapping, type Path, quote } from "./path.ts";

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** One finding about one key. */
export interface Problem extends Partial<Position> {
  /** Empty for what concerns the environment as a whole. */
  readonly path: Path;
  /** Never a value that may be secret. */
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
  /** How people name the place, where it is no key under `kvshift:`. */
  readonly label?: string;
}

/** Where a key stands in the file; undefined where there is none. */
export type Locate = (path: Path) => Position | undefined;

/** A value as a problem may show it: a secret may stand in the wrong place, so `kind` and `length` hide the value. */
export function describeValue(value: unknown, shows: "value" | "kind" | "length" = "value"): string {
  if (value === undefined) return "nothing";
  if (value === null) return "an empty value";
  if (typeof value === "string") return describeText(value, shows);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${String(value.length)}`;
  if (isMapping(value)) {
    if (Object.hasOwn(value, "secure")) return "an encrypted value";
    return Object.keys(value).length === 0 ? "an empty mapping" : "a mapping";
  }
  if (typeof value !== "number" && typeof value !== "boolean") return "a value of another kind";
  return shows === "value" ? String(value) : `a ${typeof value}`;
}

function describeText(text: string, shows: "value" | "kind" | "length"): string {
  if (text === "") return "an empty string";
  if (shows === "kind") return "a plain string";
  return shows === "length" ? `a string of ${String(text.length)} characters` : quote(text);
}

/** The problems with their positions, in the order of the file, or of the values where there is no file. */
export function inOrder(problems: readonly Problem[], values: unknown, locate: Locate | undefined): Problem[] {
  const placed = problems.map((found) => {
    const problem = found.line === undefined ? { ...found, ...locate?.(found.path) } : found;
    return { problem, rank: problem.line === undefined ? rankOf(values, problem.path) : [] };
  });
  return placed
    .toSorted((left, right) => comparePositions(left.problem, right.problem) || compareRanks(left.rank, right.rank))
    .map(({ problem }) => problem);
}

/** One line a problem: `kvshift:phase (Pulumi.dev.yaml:5:3): found "x", expected …; fix: …`. */
export function formatProblem(problem: Problem, file: string | undefined): string {
  const place = problem.label ?? formatPath(problem.path);
  const position = problem.line === undefined ? "" : `:${String(problem.line)}:${String(problem.column ?? 1)}`;
  const where = file === undefined ? "" : ` (${file}${position})`;
  return `${place}${where}: found ${problem.found}, expected ${problem.expected}; fix: ${problem.fix}`;
}

/** More lines than this help nobody; the count is in the problem. */
const MAX_LINES = 200;

export interface Report {
  readonly environment: string;
  readonly file?: string | undefined;
}

/** The one error that holds all problems of a configuration. */
export function problemsError(code: ErrorCode, problems: readonly Problem[], { environment, file }: Report): AppError {
  const count = problems.length === 1 ? "1 problem" : `${String(problems.length)} problems`;
  const lines = problems.slice(0, MAX_LINES).map((problem) => formatProblem(problem, file));
  return new AppError(code, {
    problem: `The configuration of environment ${quote(environment)} has ${count}. Nothing was changed.`,
    details: lines.length < problems.length ? [...lines, `and ${String(problems.length - lines.length)} more`] : lines,
    fix: `Mend every line above in ${file ?? "the environment's Pulumi.<environment>.yaml"}, then run the same command again.`,
  });
}

/** The index of each step of `path` among its siblings; a key that is missing comes before the others. */
function rankOf(values: unknown, path: Path): readonly number[] {
  let value = values;
  return path.map((step) => {
    const index = isMapping(value) ? Object.keys(value).indexOf(String(step)) : Number(step);
    value = isMapping(value) ? value[step] : Array.isArray(value) ? value[Number(step)] : undefined;
    return Number.isNaN(index) ? -1 : index;
  });
}

function comparePositions(left: Problem, right: Problem): number {
  if (left.line === undefined || right.line === undefined) return 0;
  return left.line - right.line || (left.column ?? 0) - (right.column ?? 0);
}

function compareRanks(left: readonly number[], right: readonly number[]): number {
  const length = Math.max(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = (left[index] ?? -1) - (right[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
