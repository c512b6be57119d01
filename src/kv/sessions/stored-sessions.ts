import type { KvNamespace } from "../namespace.ts";
import { isSession, type SessionData } from "./session-data.ts";

/** Keys, so many at a time. */
export async function* inPages(keys: AsyncIterable<string>, size: number): AsyncGenerator<readonly string[], void> {
  let page: string[] = [];
  for await (const key of keys) {
    page.push(key);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** The sessions of keys, as far as they are still there. */
export async function* sessionsOf(
  namespace: KvNamespace,
  pages: AsyncIterable<readonly string[]>,
): AsyncGenerator<SessionData, void> {
  for await (const keys of pages) {
    for (const value of (await namespace.getMany(keys)).values()) if (isSession(value)) yield value;
  }
}

export async function countOf(pages: AsyncIterable<readonly string[]>): Promise<number> {
  let count = 0;
  for await (const keys of pages) count += keys.length;
  return count;
}
