import { invalid } from "../envelope.ts";

/** A place in the list of keys with `prefix`: behind `key`. Keys that come and go do not move it. */
export function cursorAfter(prefix: string, key: string): string {
  const bytes = new TextEncoder().encode(JSON.stringify([prefix, key]));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** The key behind which a page begins. A cursor counts only with the prefix that it was given out for. */
export function keyBefore(cursor: string, prefix: string): string {
  const place = parsed(cursor);
  if (Array.isArray(place) && place.length === 2 && place[0] === prefix && typeof place[1] === "string")
    return place[1];
  throw invalid("Invalid cursor.");
}

function parsed(cursor: string): unknown {
  try {
    const text = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
