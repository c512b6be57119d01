import { shellWord } from "../core/shell.ts";

/** For whom lines of variables are written. */
export const LINE_FORMATS = ["dotenv", "shell", "docker"] as const;
export type LineFormat = (typeof LINE_FORMATS)[number];

const WRITERS: Readonly<Record<LineFormat, (value: string) => string | undefined>> = {
  dotenv: dotenvValue,
  shell: (value) => (value === "" ? "" : shellWord(value)),
  docker: dockerValue,
};

/**
 * One line that gives a variable, or `undefined` where the format has no form that reads back to this value. `dotenv`: for
 * npm's dotenv, Node.js's `--env-file`, python-dotenv and a shell, all of which have to read the same.
 */
export function variableLine(format: LineFormat, key: string, value: string): string | undefined {
  const written = value.isWellFormed() && !value.includes("\0") ? WRITERS[format](value) : undefined;
  return written === undefined ? undefined : `${key}=${written}`;
}

/** In place of a secret that is not shown: every reader takes it for a comment. */
export function hiddenLine(key: string): string {
  return `# ${key} is hidden: --show-secrets prints it`;
}

/**
 * Single quotes are literal to all four, but for what python-dotenv replaces there: escapes, and `${…}`. Double quotes are
 * for a value with a single quote: two of the four expand what this leaves out.
 */
function dotenvValue(value: string): string | undefined {
  if (/^[A-Za-z0-9_./:@%+,=-]*$/.test(value)) return value;
  // A carriage return is the end of a line to some of them, in quotes too.
  if (/\r|\$\{/.test(value)) return undefined;
  if (!value.includes("'")) return /\\(?:\\|$)/.test(value) ? undefined : `'${value}'`;
  return /["\\$`\n]/.test(value) ? undefined : `"${value}"`;
}

/** Everything after the equals sign, to the end of the line: https://docs.docker.com/reference/cli/docker/container/run/#env */
function dockerValue(value: string): string | undefined {
  return /[\n\r]/.test(value) ? undefined : value;
}
