import { isDeepStrictEqual } from "node:util";

import { isMap, isScalar, type Pair, type YAMLMap } from "yaml";

import { AppError } from "../core/app-error.ts";
import { type Role, ROLES, type Slot, SLOTS, type SlotState } from "../core/names.ts";
import { type FileContext, parseEnvironmentFile } from "./file.ts";
import type { EnvironmentConfig } from "./schema.ts";
import { parseYaml } from "./yaml-syntax.ts";

/** What changes of a slot; `null` takes a date out. */
export interface SlotEdit {
  readonly epoch?: number;
  readonly state?: SlotState;
  readonly mintedAt?: string | null;
  readonly expiresAt?: string | null;
}

/** What changes of a role; `null` takes the rotation out. */
export interface RoleEdit {
  readonly active?: Slot;
  readonly rotation?: string | null;
  readonly slots?: Partial<Readonly<Record<Slot, SlotEdit>>>;
}

export type CredentialsEdit = Partial<Readonly<Record<Role, RoleEdit>>>;

/**
 * Edits the credentials in the text of an environment's file and leaves every other byte as it is: comments, order,
 * quotes and line ends are people's. What comes out is read again and compared with what was meant.
 *
 * @throws AppError CONFIG_INVALID where the text has problems already, BUG where the result is not what was meant
 */
export function editCredentials(text: string, edit: CredentialsEdit, context: FileContext): string {
  const { config } = parseEnvironmentFile(text, context);
  const wanted = withEdit(config, edit);
  const edited = primitives(edit).reduce((now, one) => apply(now, one, context.file), text);
  const { config: result } = parseEnvironmentFile(edited, context);
  if (isDeepStrictEqual(result, wanted)) return edited;
  throw new AppError("BUG", {
    problem: `The edit of ${context.file} would not say what was meant; the file was left as it is.`,
    details: Object.keys(edit).map((role) => `kvshift:credentials.${role}`),
    fix: "Report the layout of kvshift:credentials in this file, and make the edit by hand.",
  });
}

/** The configuration as it is to be after the edit. */
export function withEdit(config: EnvironmentConfig, edit: CredentialsEdit): EnvironmentConfig {
  const credentials = Object.fromEntries(
    ROLES.map((role) => [role, roleWithEdit(config.credentials[role], edit[role] ?? {})]),
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both roles are there
  return { ...config, credentials: credentials as EnvironmentConfig["credentials"] };
}

type RoleConfig = EnvironmentConfig["credentials"][Role];

function roleWithEdit(role: RoleConfig, { active, rotation, slots = {} }: RoleEdit): RoleConfig {
  const edited = withoutNull({
    ...role,
    ...(active === undefined ? {} : { active }),
    ...(rotation === undefined ? {} : { rotation }),
  });
  const of = (slot: Slot) => withoutNull({ ...role.slots[slot], ...slots[slot] });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what may be absent was taken out
  return { ...edited, slots: { a: of("a"), b: of("b") } } as RoleConfig;
}

function withoutNull(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));
}

/** One key to be set, after `after` where it is new, or to be taken out. */
interface Primitive {
  readonly path: readonly string[];
  readonly key: string;
  readonly value: string | null;
  readonly after: string;
}

function primitives(edit: CredentialsEdit): Primitive[] {
  return ROLES.flatMap((role) => {
    const { active, rotation, slots = {} } = edit[role] ?? {};
    return [
      ...primitive([role], "active", active, "active"),
      ...primitive([role], "rotation", rotation, "active"),
      ...SLOTS.flatMap((slot) => {
        const { epoch, state, mintedAt, expiresAt } = slots[slot] ?? {};
        const path = [role, "slots", slot];
        return [
          ...primitive(path, "epoch", epoch === undefined ? undefined : String(epoch), "epoch"),
          ...primitive(path, "state", state, "state"),
          // Each stands behind `state` when it is new, so the one that is to be last comes first.
          ...primitive(path, "expiresAt", quoted(expiresAt), "state"),
          ...primitive(path, "mintedAt", quoted(mintedAt), "state"),
        ];
      }),
    ];
  });
}

function primitive(path: readonly string[], key: string, value: string | null | undefined, after: string): Primitive[] {
  return value === undefined ? [] : [{ path, key, value, after }];
}

function quoted(date: string | null | undefined): string | null | undefined {
  return typeof date === "string" ? JSON.stringify(date) : date;
}

function apply(text: string, { path, key, value, after }: Primitive, file: string): string {
  const map = mapAt(parseYaml(text, file).document.contents, ["config", "kvshift:credentials", ...path]);
  const pair = pairOf(map, key);
  if (value === null) return pair === undefined ? text : withoutPair(text, map, pair);
  if (pair !== undefined) {
    const [start, end] = rangeOf(pair.value);
    return `${text.slice(0, start)}${value}${text.slice(end)}`;
  }
  const sibling = pairOf(map, after);
  if (sibling === undefined) throw new Error(`no ${after} beside ${key}`);
  const [, end] = rangeOf(sibling.value);
  if (map.flow === true) return `${text.slice(0, end)}, ${key}: ${value}${text.slice(end)}`;
  const lineEnd = endOfLine(text, end);
  const [keyStart] = rangeOf(sibling.key);
  const indent = " ".repeat(keyStart - (text.lastIndexOf("\n", keyStart - 1) + 1));
  return `${text.slice(0, lineEnd)}${lineBreakOf(text)}${indent}${key}: ${value}${text.slice(lineEnd)}`;
}

function withoutPair(text: string, map: YAMLMap, pair: Pair): string {
  const [start] = rangeOf(pair.key);
  const [, end] = rangeOf(pair.value);
  if (map.flow !== true) {
    const lineStart = text.lastIndexOf("\n", start - 1) + 1;
    const lineEnd = endOfLine(text, end);
    // With its own line end, or with the one before it where it is the last line of the file.
    const next = text.indexOf("\n", lineEnd);
    return next === -1 ? text.slice(0, Math.max(0, lineStart - 1)) : text.slice(0, lineStart) + text.slice(next + 1);
  }
  const before = /,\s*$/.exec(text.slice(0, start));
  if (before !== null) return text.slice(0, before.index) + text.slice(end);
  const behind = /^\s*,[ \t]*/.exec(text.slice(end))?.[0] ?? "";
  return text.slice(0, start) + text.slice(end + behind.length);
}

/** The end of a line without its line break, comment included. */
function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  if (end === -1) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}

function lineBreakOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? "\n";
}

function mapAt(root: unknown, path: readonly string[]): YAMLMap {
  const found = path.reduce((node, key) => (isMap(node) ? pairOf(node, key)?.value : undefined), root);
  if (!isMap(found)) throw new Error(`no mapping at ${path.join(".")}`);
  return found;
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
}

function rangeOf(node: unknown): readonly [start: number, end: number] {
  const range = isScalar(node) ? node.range : undefined;
  if (!range) throw new Error("a value without a place");
  return [range[0], range[1]];
}
