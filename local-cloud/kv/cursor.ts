import { failure } from "./binding-rules.ts";

const MARK = "after/";

/** Where the next page begins. Callers must not read it: Cloudflare's are opaque and of no documented form. */
export function cursorAfter(name: string): string {
  return Buffer.from(MARK + name).toString("base64url");
}

/** The name after which a page begins; `undefined` for the first page. */
export function nameBefore(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, "base64url").toString();
  if (text.startsWith(MARK)) return text.slice(MARK.length);
  throw failure("GET", 400, "Invalid cursor");
}
