const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** The values of a list parameter, as `a,b` or repeated; `undefined` where it is absent. */
export function listParameter(query: URLSearchParams, name: string): readonly string[] | undefined {
  const values = query.getAll(name).flatMap((value) => value.split(","));
  return values.length === 0 ? undefined : values;
}

/** Whether `value` passes the list parameter `name`; an absent parameter lets everything pass. */
export function matchesList(query: URLSearchParams, name: string, value: string | undefined): boolean {
  const wanted = listParameter(query, name);
  return wanted === undefined || (value !== undefined && wanted.includes(value));
}

/** Whether `time` (milliseconds) lies within `<name>After` and `<name>Before`; a missing time passes no bound. */
export function matchesTime(query: URLSearchParams, name: string, time: number | undefined): boolean {
  const after = query.get(`${name}After`);
  const before = query.get(`${name}Before`);
  if (after !== null && !(time !== undefined && time > Date.parse(after))) return false;
  return before === null || (time !== undefined && time < Date.parse(before));
}

/** The opaque position of an item in a list. */
export function cursorOf(id: string): string {
  return Buffer.from(id).toString("base64url");
}

/**
 * The items after `cursor`, at most `limit` of them: https://api-docs.render.com/reference/pagination.
 * Lists document no 400, so a limit out of range is brought into range and an unknown cursor shows nothing.
 */
export function page<T>(items: readonly T[], query: URLSearchParams, cursor: (item: T) => string): readonly T[] {
  const asked = Number.parseInt(query.get("limit") ?? "", 10);
  const limit = Number.isNaN(asked) ? DEFAULT_LIMIT : Math.min(Math.max(asked, 1), MAX_LIMIT);
  const after = query.get("cursor");
  if (after === null || after === "") return items.slice(0, limit);
  const position = items.findIndex((item) => cursor(item) === after);
  return position === -1 ? [] : items.slice(position + 1, position + 1 + limit);
}
