import { isAlias, isMap, isScalar, Scalar, type YAMLMap } from "yaml";

import { ConfigDocument } from "./config-document.ts";
import { nearestName } from "./nearest-name.ts";
import { checkEnvironment } from "./parse.ts";
import { pathKey, type Path, quote } from "./path.ts";
import { inOrder, type Position, type Problem, problemsError } from "./problems.ts";
import type { EnvironmentConfig } from "./schema.ts";
import { parseYaml } from "./yaml-syntax.ts";

export { encryptionSaltIn, withEncryptionSalt } from "./encryption-salt.ts";

export interface FileContext {
  /** The stack's name. */
  readonly environment: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The name of the file, for problems. */
  readonly file: string;
}

export interface ParsedFile {
  readonly config: EnvironmentConfig;
  readonly encryptionSalt: string | undefined;
  /** Where it is not the passphrase. */
  readonly secretsProvider: string | undefined;
  /** Keys under `config` that belong to others, such as `aws:region`. */
  readonly otherKeys: readonly string[];
}

const PROJECT = "kvshift";
const PROJECT_PREFIX = `${PROJECT}:`;
/** What Pulumi itself writes beside `config`: https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/ */
const PULUMI_KEYS = ["encryptionsalt", "encryptedkey", "secretsprovider"] as const;
const TOP_KEYS: readonly string[] = ["config", ...PULUMI_KEYS];

/**
 * Parses the text of `Pulumi.<environment>.yaml`. Throws `CONFIG_NOT_YAML` where the syntax is broken, else
 * `CONFIG_INVALID` with every problem in the order of the file, each with line and column.
 */
export function parseEnvironmentFile(text: string, context: FileContext): ParsedFile {
  const source = parseYaml(text, context.file);
  const document = new ConfigDocument(source);
  const root: unknown = source.document.contents;
  if (!isMap(root) || root.flow === true) {
    throw problemsError("CONFIG_INVALID", [notAMapping(root)], context);
  }
  const top = readTop(root, document);
  const { config, problems } = checkEnvironment(top.values, { ...context, secrets: "encrypted" });
  const readable = problems.filter(({ path }) => !isUnreadable(path, document));
  const all = [...document.problems, ...readable];
  if (!config || all.length > 0) {
    throw problemsError("CONFIG_INVALID", inOrder(all, top.values, document.locate), context);
  }
  const { encryptionsalt: encryptionSalt, secretsprovider: secretsProvider } = top.settings;
  return { config, encryptionSalt, secretsProvider, otherKeys: top.otherKeys };
}

interface TopLevel {
  readonly values: Record<string, unknown>;
  readonly settings: Partial<Record<string, string>>;
  readonly otherKeys: readonly string[];
}

function readTop(root: YAMLMap, document: ConfigDocument): TopLevel {
  document.place([], document.positionOf(root));
  const settings: Record<string, string> = {};
  let config: Pick<TopLevel, "values" | "otherKeys"> = { values: {}, otherKeys: [] };
  for (const { key, value, position } of document.entries(root, (name) => ({ path: [], label: quote(name) }))) {
    const label = quote(key);
    if (key === "config") {
      document.place([], position);
      config = readConfig(value, document, position);
    } else if (!TOP_KEYS.includes(key)) {
      document.problems.push({ path: [], label, ...position, ...unknownTopKey(key) });
    } else if (isOneLineText(value)) settings[key] = value.value;
    else document.problems.push({ path: [], label, ...position, ...NOT_ONE_LINE });
  }
  return { ...config, settings };
}

function readConfig(
  node: unknown,
  document: ConfigDocument,
  position: Position,
): Pick<TopLevel, "values" | "otherKeys"> {
  const empty = { values: {}, otherKeys: [] };
  if (isScalar(node) && node.value === null) return empty;
  if (!isMap(node)) {
    document.problems.push({ path: [], label: '"config"', ...position, ...notMappingOf(node) });
    document.unreadable.add(pathKey([]));
    return empty;
  }
  const entries = document.entries(node, (key) =>
    key.startsWith(PROJECT_PREFIX) ? { path: [key.slice(PROJECT_PREFIX.length)] } : { path: [], label: quote(key) },
  );
  const own = entries.filter(({ key }) => key.startsWith(PROJECT_PREFIX));
  const others = entries.filter(({ key }) => !key.startsWith(PROJECT_PREFIX));
  const values = own.map(({ key, value, position: place }) => {
    const path = [key.slice(PROJECT_PREFIX.length)];
    document.place(path, place);
    return [path[0], document.read(value, path)] as const;
  });
  for (const { key, position: place } of others) {
    const problem = foreignKeyProblem(key);
    if (problem) document.problems.push({ path: [], label: quote(key), ...place, ...problem });
  }
  return { values: Object.fromEntries(values), otherKeys: others.map(({ key }) => key) };
}

type Description = Pick<Problem, "found" | "expected" | "fix">;

const NOT_ONE_LINE: Description = {
  found: "something else than text in one line",
  expected: "the text that Pulumi wrote",
  fix: "restore the line from git",
};

function notAMapping(root: unknown): Problem {
  return { path: [], label: "the file", line: 1, column: 1, ...notMappingOf(root) };
}

function notMappingOf(node: unknown): Description {
  const fix = "write config: and below it, indented, keys such as kvshift:kind: development";
  const expected = "a mapping, one key a line";
  if (isAlias(node)) return { found: "an alias of YAML", expected, fix };
  if (isMap(node)) return { found: "a mapping in braces", expected, fix };
  return { found: isScalar(node) ? "a single value" : isEmpty(node) ? "an empty file" : "a list", expected, fix };
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined;
}

function unknownTopKey(key: string): Description {
  const meant = nearestName(key, TOP_KEYS);
  const moved = key.startsWith(PROJECT_PREFIX) ? "indent it below config:" : `remove ${quote(key)}`;
  return {
    found: "an unknown key",
    expected: `one of ${TOP_KEYS.join(", ")}`,
    fix: meant === undefined ? moved : `did you mean ${quote(meant)}? Rename the key`,
  };
}

/** A key under `config` that is neither ours nor, by its form, anybody's. */
function foreignKeyProblem(key: string): Description | undefined {
  const [project = "", ...rest] = key.split(":");
  if (rest.length === 0) {
    return {
      found: "a key without a project",
      expected: "<project>:<key>",
      fix: `write ${PROJECT_PREFIX}${key} if it is ours`,
    };
  }
  if (nearestName(project, [PROJECT]) === undefined) return undefined;
  return {
    found: `the unknown project ${quote(project)}`,
    expected: PROJECT_PREFIX,
    fix: `did you mean ${quote(PROJECT_PREFIX + rest.join(":"))}? Rename the key`,
  };
}

function isOneLineText(node: unknown): node is Scalar<string> {
  if (!isScalar(node) || typeof node.value !== "string" || node.value === "" || node.tag !== undefined) return false;
  return node.type !== Scalar.BLOCK_FOLDED && node.type !== Scalar.BLOCK_LITERAL && !/\s/.test(node.source ?? "");
}

function isUnreadable(path: Path, document: ConfigDocument): boolean {
  return (
    path.some((_, index) => document.unreadable.has(pathKey(path.slice(0, index)))) ||
    document.unreadable.has(pathKey(path))
  );
}
