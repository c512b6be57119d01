import { describe, expect, it } from "vitest";

import { AppError } from "../../../src/core/app-error.ts";

const problem = "The file /somewhere/private.yaml is unreadable.";

describe("AppError", () => {
  it("is an Error whose message starts with its code", () => {
    const error = new AppError("CONFIG_NOT_FOUND", { problem, fix: "Name another." });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe("AppError");
    expect(error.message).toBe(`CONFIG_NOT_FOUND: ${problem}`);
  });

  it("has no details, no data, no cause and cannot be retried unless it says so", () => {
    const { details, data, retryable, cause } = new AppError("BUG", { problem, fix: "Report it." });
    expect({ details, data, retryable, cause }).toEqual({ details: [], data: {}, retryable: false, cause: undefined });
  });

  it("keeps its cause for debuggers and shows neither cause nor data as JSON", () => {
    const cause = new Error("the payload of a request");
    const error = new AppError("STACK_LOCKED", {
      problem,
      details: ["one line"],
      fix: "Wait.",
      retryable: true,
      cause,
      data: { steps: [] },
    });
    expect(error.cause).toBe(cause);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: "STACK_LOCKED",
      problem,
      details: ["one line"],
      fix: "Wait.",
      retryable: true,
    });
  });

  it.each([
    ["BUG", 1],
    ["USAGE", 2],
    ["POLICY_VIOLATED", 3],
    ["VENDOR_FAILED", 4],
    ["PARTIAL", 5],
  ] as const)("ends a run with %s with exit code %i", (code, exitCode) => {
    expect(new AppError(code, { problem, fix: "-" }).exitCode).toBe(exitCode);
  });

  it("has an audit message without any input", () => {
    const { auditMessage } = new AppError("CONFIG_NOT_FOUND", { problem, details: ["input"], fix: "input" });
    expect(auditMessage).toBe("CONFIG_NOT_FOUND: There is no configuration file for the environment.");
  });
});
