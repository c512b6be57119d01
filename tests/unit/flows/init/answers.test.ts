import { describe, expect, it } from "vitest";

import { readable } from "../../../../src/flows/init/answers.ts";

describe("a vendor's name for a line of text", () => {
  it.each([
    ["Müller & Söhne (EU) – 東京", "Müller & Söhne (EU) – 東京"],
    ["  blanks  ", "blanks"],
    ["two\nlines: yes\r\n", "twolines: yes"],
    ["\u001b[31mred\u001b[0m", "[31mred[0m"],
    ["turned \u202e around\u2028", "turned  around"],
    ["\t\u0000", ""],
  ])("%j becomes %j", (name, expected) => {
    expect(readable(name)).toBe(expected);
  });

  it("is shortened", () => {
    expect(readable("x".repeat(500))).toHaveLength(60);
  });
});
