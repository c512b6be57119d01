import { describe, expect, it } from "vitest";

import { isJsonObject, parsedJsonObject } from "../../../src/core/json-object.ts";

describe("isJsonObject", () => {
  it.each([
    [{}, true],
    [[], false],
    [null, false],
    ["{}", false],
    [undefined, false],
  ])("of %j is %s", (value, expected) => {
    expect(isJsonObject(value)).toBe(expected);
  });
});

describe("parsedJsonObject", () => {
  it("reads an object, and nothing else that a text may hold", () => {
    expect(parsedJsonObject('{"a":1}')).toEqual({ a: 1 });
    for (const text of ["[1]", "null", "1", "{", ""]) expect(parsedJsonObject(text)).toBeUndefined();
  });
});
