import { describe, expect, test } from "vitest";

import { cursorAfter, keyBefore } from "../../../../src/gateway/strong/cursor.ts";

describe("a cursor", () => {
  test.each(["a", "ü€😀", "\u0000", "a/b+c=", "k".repeat(512)])(
    "leads behind the key %j, and needs no encoding",
    (key) => {
      const cursor = cursorAfter("prefix", key);
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(keyBefore(cursor, "prefix")).toBe(key);
    },
  );

  test.each(["", "x", "****", btoa("[]"), btoa('["prefix",1]'), btoa('["prefix","a","b"]'), btoa("\u00ff")])(
    "%j is refused where nobody gave it out",
    (cursor) => {
      expect(() => keyBefore(cursor, "prefix")).toThrow("Invalid cursor.");
    },
  );

  test("is refused with another prefix", () => {
    expect(() => keyBefore(cursorAfter("a", "ab"), "b")).toThrow("Invalid cursor.");
  });
});
