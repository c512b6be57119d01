import { KvError } from "./kv-error.ts";

export interface JsonOptions {
  /** `refuse` (default), or `iso`: a date becomes its ISO 8601 text, and comes back as text. */
  readonly dates?: "refuse" | "iso";
  /** Properties that are `undefined`: `refuse` (default), or `omit`: they are not there when the value comes back. */
  readonly undefinedProperties?: "refuse" | "omit";
}

/** Deeper than any value that people write down, and shallow enough for every parser. */
const MAX_DEPTH = 256;

/** The JSON text of a value that comes back as it is. @throws KvError VALUE_NOT_ENCODABLE, with the place */
export function jsonText(value: unknown, options: JsonOptions = {}): string {
  assertJson(value, [], [], options);
  return JSON.stringify(value);
}

function assertJson(value: unknown, path: readonly string[], parents: readonly object[], options: JsonOptions): void {
  switch (typeof value) {
    case "boolean":
      return;
    case "string":
      if (!value.isWellFormed()) throw refusal("a string with a lone surrogate", path);
      return;
    case "number":
      if (!Number.isFinite(value)) throw refusal(String(value), path);
      return;
    case "object":
      if (value !== null) assertObject(value, path, parents, options);
      return;
    case "undefined":
      throw refusal("undefined", path);
    case "bigint":
    case "function":
    case "symbol":
      throw refusal(`a ${typeof value}`, path);
  }
}

function assertObject(value: object, path: readonly string[], parents: readonly object[], options: JsonOptions): void {
  if (value instanceof Date) {
    if (options.dates === "iso" && !Number.isNaN(value.getTime())) return;
    throw refusal('a Date (a number, or json({ dates: "iso" }), says what it is to become)', path);
  }
  if (parents.includes(value)) throw refusal("a cycle", path);
  if (parents.length >= MAX_DEPTH) throw refusal(`something more than ${String(MAX_DEPTH)} deep`, path.slice(0, 8));
  const inside = [...parents, value];
  if (Array.isArray(value)) {
    const isPlain = Object.getPrototypeOf(value) === Array.prototype && Object.keys(value).length === value.length;
    if (!isPlain) throw refusal("an array with holes or with properties of its own", path);
    for (let index = 0; index < value.length; index += 1) {
      assertJson(value[index], [...path, String(index)], inside, options);
    }
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refusal("an instance of a class", path);
  if (Object.getOwnPropertySymbols(value).length > 0) throw refusal("a property that is named by a symbol", path);
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined && options.undefinedProperties === "omit") continue;
    if (!name.isWellFormed()) throw refusal("a name with a lone surrogate", path);
    assertJson(item, [...path, name], inside, options);
  }
}

/** Names the place by its names alone: the values are nobody's business. */
function refusal(what: string, path: readonly string[]): KvError {
  // A name may be a person's too: only what looks like one of a program is shown.
  const shown = path.slice(0, 8).map((name) => (/^[A-Za-z_$][\w$]{0,40}$|^\d+$/.test(name) ? name : "…"));
  const where = path.length === 0 ? "The value" : `The value at ${shown.join(".")}`;
  return new KvError("VALUE_NOT_ENCODABLE", `${where} is ${what}: JSON would not give it back.`);
}
