import { nestsDeeper } from "../../src/core/json-depth.ts";
import { unreadable } from "./refusal.ts";

/** Texts are sent to Redis as UTF-8. */
export type Argument = string | Buffer;
/** The name of the command and its arguments, in the order of Redis' protocol. */
export type Command = readonly [name: Argument, ...args: Argument[]];

/** The query parameter that may hold the token instead of a header. */
export const TOKEN_PARAMETER = "_token";

/** @throws Refusal where the body is no command as JSON: `["SET", "key", "value", "EX", 100]` */
export function commandOfJson(body: Buffer): Command {
  const command = asCommand(parsed(body, "command"));
  if (command === undefined) throw unreadable("command");
  return command;
}

/** @throws Refusal where the body is no list of commands, or an empty one */
export function commandsOfJson(body: Buffer): readonly Command[] {
  const rows = parsed(body, "pipeline request");
  if (!Array.isArray(rows) || rows.length === 0) throw unreadable("pipeline request");
  return rows.map((row) => {
    const command = asCommand(row);
    if (command === undefined) throw unreadable("pipeline request");
    return command;
  });
}

/**
 * The command of a path: `/set/foo/bar?EX=100`. The body comes after what is in the path, and before the query.
 * https://upstash.com/docs/redis/features/restapi#json-or-binary-value
 */
export function commandOfPath({ pathname, searchParams }: URL, body: Buffer): Command {
  const [name = "", ...args] = pathname.slice(1).split("/").map(percentDecoded);
  const value = body.byteLength === 0 ? [] : [body];
  const options = [...searchParams]
    .filter(([option]) => option !== TOKEN_PARAMETER)
    .flatMap(([option, setting]) => (setting === "" ? [option] : [option, setting]));
  return [name, ...args, ...value, ...options];
}

/** Any bytes: a key need not be UTF-8. */
function percentDecoded(segment: string): Buffer {
  const bytes = segment.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(bytes, "latin1");
}

function parsed(body: Buffer, what: "command" | "pipeline request"): unknown {
  if (nestsDeeper(body)) throw unreadable(what);
  try {
    return JSON.parse(body.toString("utf8"), exactNumber) as unknown;
  } catch {
    throw unreadable(what);
  }
}

/** A number as it was written: large ones would lose digits. */
function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === "number" ? (context?.source ?? String(value)) : value;
}

function asCommand(row: unknown): Command | undefined {
  if (!Array.isArray(row)) return undefined;
  const [name, ...args] = row.map(asArgument);
  if (name === undefined) return undefined;
  const known = args.filter((argument) => argument !== undefined);
  return known.length === args.length ? [name, ...known] : undefined;
}

function asArgument(item: unknown): string | undefined {
  if (typeof item === "string") return item;
  return typeof item === "boolean" ? String(item) : undefined;
}
