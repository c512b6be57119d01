import { describe, expect, it } from "vitest";

import { AppError } from "../../../src/core/app-error.ts";
import { requireOutputs } from "../../../src/state/outputs.ts";

describe("requireOutputs", () => {
  it("hands outputs on", () => {
    const outputs = { variables: { value: {}, secret: false } };
    expect(requireOutputs(outputs)).toBe(outputs);
  });

  it("takes a stack without outputs for one that does not exist", () => {
    expect(() => requireOutputs({})).toThrow(AppError);
    expect(() => requireOutputs({})).toThrow(/^STACK_NOT_FOUND: /);
  });
});
