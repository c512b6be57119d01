/** Where something stands under `kvshift:`, from the outside in. */
export type Path = readonly (string | number)[];

const MAX_SHOWN_CHARACTERS = 64;
/** What JSON leaves as it is: control characters, invisible ones, and those that change the direction of text. */
const UNSAFE_TO_PRINT = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** `kvshift:render.services[0]`: the notation of `pulumi config set --path`. */
export function formatPath(path: Path): string {
  const steps = path.map((step, index) => {
    if (typeof step === "number") return `[${String(step)}]`;
    if (/^[\w-]+$/.test(step)) return index === 0 ? step : `.${shortened(step)}`;
    return `[${quote(step)}]`;
  });
  return `kvshift:${steps.join("")}`;
}

/** The same for the same path only, unlike `formatPath`, which shortens. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

/** `text` in double quotes, shortened, without anything that moves a terminal's cursor or turns its text around. */
export function quote(text: string): string {
  return JSON.stringify(shortened(text)).replaceAll(UNSAFE_TO_PRINT, escaped);
}

/** What stands at `path` in `root`, or undefined. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (isContainer(value) ? own(value, step) : undefined), root);
}

/** Whether `value` is a mapping of the file, not a list and not an instance of a class. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return Array.isArray(value) || isMapping(value);
}

function own(value: Record<string, unknown>, step: string | number): unknown {
  return Object.hasOwn(value, step) ? value[step] : undefined;
}

function shortened(text: string): string {
  return text.length <= MAX_SHOWN_CHARACTERS ? text : `${text.slice(0, MAX_SHOWN_CHARACTERS)}…`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
