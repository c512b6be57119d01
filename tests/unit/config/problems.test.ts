import { describe, expect, it } from "vitest";

import { describeValue, formatProblem, inOrder, type Problem, problemsError } from "../../../src/config/problems.ts";

const problem = (path: Problem["path"], more: Partial<Problem> = {}): Problem => ({
  path,
  found: "x",
  expected: "y",
  fix: "z",
  ...more,
});

describe("describeValue", () => {
  it.each([
    [undefined, "nothing"],
    [null, "an empty value"],
    ["", "an empty string"],
    ["text", '"text"'],
    [5, "5"],
    [true, "true"],
    [[], "an empty list"],
    [[1, 2], "a list of 2"],
    [{}, "an empty mapping"],
    [{ a: 1 }, "a mapping"],
    [{ secure: "v1:fake" }, "an encrypted value"],
  ])("describes %j as %s", (value, text) => {
    expect(describeValue(value)).toBe(text);
  });

  it("hides values that may be secret", () => {
    expect(describeValue("fake", "kind")).toBe("a plain string");
    expect(describeValue("fake", "length")).toBe("a string of 4 characters");
    expect(describeValue(1234, "kind")).toBe("a number");
  });
});

describe("formatProblem", () => {
  it("names place, finding, expectation and fix in one line", () => {
    expect(formatProblem(problem(["phase"], { line: 5, column: 3 }), "Pulumi.dev.yaml")).toBe(
      "kvshift:phase (Pulumi.dev.yaml:5:3): found x, expected y; fix: z",
    );
    expect(formatProblem(problem([], { label: "the file" }), undefined)).toBe("the file: found x, expected y; fix: z");
  });
});

describe("inOrder", () => {
  it("follows lines and columns where there are any", () => {
    const lines = new Map([
      ["b", 1],
      ["a", 2],
    ]);
    const locate = ([key]: Problem["path"]) => ({ line: lines.get(String(key)) ?? 0, column: 1 });
    expect(inOrder([problem(["a"]), problem(["b"])], {}, locate).map(({ path }) => path)).toEqual([["b"], ["a"]]);
  });

  it("follows the values where there is no file, what is missing first", () => {
    const values = { b: { y: 1, x: [1, 2] }, a: 1 };
    const paths = [["a"], ["b", "x", 1], ["b", "x", 0], ["b", "missing"], ["missing"], ["b", "y"]];
    expect(
      inOrder(
        paths.map((path) => problem(path)),
        values,
        undefined,
      ).map(({ path }) => path),
    ).toEqual([["missing"], ["b", "missing"], ["b", "y"], ["b", "x", 0], ["b", "x", 1], ["a"]]);
  });
});

describe("problemsError", () => {
  it("counts what it does not list", () => {
    const problems = Array.from({ length: 250 }, (_, index) => problem([`k${String(index)}`]));
    const error = problemsError("CONFIG_INVALID", problems, { environment: "dev" });
    expect(error.problem).toContain("250 problems");
    expect(error.details).toHaveLength(201);
    expect(error.details.at(-1)).toBe("and 50 more");
  });
});
