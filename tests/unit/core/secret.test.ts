import { format, inspect } from "node:util";

import { describe, expect, it } from "vitest";

import { AppError } from "../../../src/core/app-error.ts";
import { Secret } from "../../../src/core/secret.ts";

const VALUE = "not-for-eyes-".repeat(2);
const secret = new Secret(VALUE);

describe("Secret", () => {
  it("gives its value only where it is asked to reveal it", () => {
    expect(secret.reveal()).toBe(VALUE);
  });

  it.each([
    ["text", () => String(secret)],
    ["a template", () => `the token is ${secret.toString()}`],
    ["JSON", () => JSON.stringify({ secret })],
    ["inspect", () => inspect({ nested: { secret } }, { depth: 10, showHidden: true })],
    ["a format", () => format("%s %o %j", secret, secret, secret)],
    ["its keys", () => JSON.stringify([Object.keys(secret), Object.entries(secret), { ...secret }])],
    ["a clone", () => inspect(structuredClone(secret))],
    ["an error", () => inspect(new AppError("BUG", { problem: "-", fix: "-", data: { secret } }))],
  ])("does not show its value in %s", (_name, show) => {
    expect(show()).not.toContain(VALUE);
  });

  it("shows a mask instead, and the same one for every value", () => {
    expect([String(secret), JSON.stringify(secret), inspect(secret), String(new Secret(""))]).toEqual([
      "[secret]",
      '"[secret]"',
      "[secret]",
      "[secret]",
    ]);
  });
});
