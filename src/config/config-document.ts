import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap } from "yaml";

import { pathKey, type Path, quote } from "./path.ts";
import type { Position, Problem } from "./problems.ts";
import { needsQuotes, readScalar } from "./quoting.ts";
import type { YamlSource } from "./yaml-syntax.ts";

/** Deeper than any configuration; a value nested deeper is not read. */
const MAX_DEPTH = 16;

/** One `key: value` of a mapping, with the text of the key as it is written. */
export interface Entry {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: unknown;
  readonly position: Position;
}

/** Reads values out of a YAML document, keeping where they stand and what is wrong with the way they are written. */
export class ConfigDocument {
  readonly problems: Problem[] = [];
  /** Paths of what could not be read: that something is missing there would be said in vain. */
  readonly unreadable = new Set<string>();
  readonly #source: YamlSource;
  readonly #positions = new Map<string, Position>();

  constructor(source: YamlSource) {
    this.#source = source;
  }

  positionOf(node: unknown): Position {
    const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    const { line, col } = this.#source.lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  /** The position of the key at `path`, or of the nearest thing above it. */
  readonly locate = (path: Path): Position | undefined => {
    for (let length = path.length; length >= 0; length--) {
      const position = this.#positions.get(pathKey(path.slice(0, length)));
      if (position) return position;
    }
    return undefined;
  };

  /** Records where the thing at `path` stands. */
  place(path: Path, position: Position): void {
    this.#positions.set(pathKey(path), position);
  }

  /** The entries of a mapping. Keys that stand twice or are no text become problems; `describe` names their place. */
  entries(map: YAMLMap, describe: (key: string) => Pick<Problem, "path" | "label">): Entry[] {
    const seen = new Set<string>();
    return map.items.flatMap((pair) => {
      const entry = this.#entry(pair);
      if (!entry) {
        this.problems.push({ ...describe("?"), ...this.positionOf(pair.key), ...NOT_TEXT });
        return [];
      }
      if (seen.has(entry.key)) {
        this.problems.push({ ...describe(entry.key), ...entry.position, ...DUPLICATE });
        return [];
      }
      seen.add(entry.key);
      return [entry];
    });
  }

  /** The value of `node` as the schema reads it; `path` is its place under `kvshift:`. */
  read(node: unknown, path: Path): unknown {
    if (isAlias(node)) return this.#refuse(path, ALIAS);
    if (isNode(node) && node.tag !== undefined) return this.#refuse(path, TAG);
    if (path.length > MAX_DEPTH) return this.#refuse(path, TOO_DEEP);
    if (isMap(node)) return this.#readMap(node, path);
    if (isSeq(node)) return node.items.map((item, index) => this.#readItem(item, [...path, index]));
    if (!isScalar(node)) return null;
    const { value, problem } = readScalar(node, path);
    if (problem) this.problems.push(problem);
    return value;
  }

  #readMap(map: YAMLMap, path: Path): Record<string, unknown> {
    const entries = this.entries(map, (key) => ({ path: [...path, key] }));
    return Object.fromEntries(
      entries.map(({ key, keyNode, value, position }) => {
        const inner = [...path, key];
        this.place(inner, position);
        if (isScalar(keyNode) && keyNode.type === "PLAIN" && needsQuotes(key)) {
          this.problems.push({ path: inner, ...unquotedKey(key) });
        }
        return [key, this.read(value, inner)];
      }),
    );
  }

  #readItem(item: unknown, path: Path): unknown {
    this.place(path, this.positionOf(item));
    return this.read(item, path);
  }

  #entry({ key, value }: Pair): Entry | undefined {
    if (!isScalar(key)) return undefined;
    const text = typeof key.value === "string" ? key.value : (key.source ?? "");
    return { key: text, keyNode: key, value, position: this.positionOf(key) };
  }

  #refuse(path: Path, problem: Pick<Problem, "found" | "expected" | "fix">): null {
    this.unreadable.add(pathKey(path));
    this.problems.push({ path, ...problem });
    return null;
  }
}

const NOT_TEXT = { found: "a key that is not text", expected: "a name", fix: "write a plain name before the colon" };
const DUPLICATE = { found: "a key that stands twice", expected: "each key once", fix: "remove one of the two" };
const ALIAS = {
  found: "an alias of YAML",
  expected: "the value itself",
  fix: "write the value out: flows edit one place only",
};
const TAG = {
  found: "a tag of YAML",
  expected: "a value without a tag",
  fix: "remove the tag; quote the value if it is text",
};
const TOO_DEEP = {
  found: "values nested too deeply",
  expected: "the keys of docs/configuration.md",
  fix: "remove the nesting",
};

function unquotedKey(key: string): Pick<Problem, "found" | "expected" | "fix"> {
  return {
    found: `the key ${quote(key)} without quotes`,
    expected: "a name that every YAML reader takes for text",
    fix: `rename it, or put it in quotes: ${quote(key)}`,
  };
}
