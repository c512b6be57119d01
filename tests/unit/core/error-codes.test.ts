import { describe, expect, it } from "vitest";

import { ERROR_CODES } from "../../../src/core/error-codes.ts";

const entries = Object.entries(ERROR_CODES);

describe("ERROR_CODES", () => {
  it.each(entries)("%s has a summary that is one sentence", (_code, { summary }) => {
    expect(summary).toMatch(/^\S[^\n]*\.$/);
  });

  it("gives each code a summary of its own", () => {
    expect(new Set(entries.map(([, { summary }]) => summary)).size).toBe(entries.length);
  });

  it("has at least one code for each class of exit codes", () => {
    expect(new Set(entries.map(([, { exit }]) => exit))).toEqual(new Set([1, 2, 3, 4, 5]));
  });
});
