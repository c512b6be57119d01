import { describe, expect, it } from "vitest";

import { hiddenLine, variableLine } from "../../../src/cli/variable-lines.ts";

describe("variableLine", () => {
  it.each([
    ["plain text as it is", "https://api.cloudflare.com/client/v4", "KEY=https://api.cloudflare.com/client/v4"],
    ["an empty value as it is", "", "KEY="],
    ["JSON in single quotes", '{"a":1}', `KEY='{"a":1}'`],
    ["a comment sign in quotes", "a#b", "KEY='a#b'"],
    ["a tilde in quotes", "~/state", "KEY='~/state'"],
    ["a single quote in double quotes", "it's", `KEY="it's"`],
    ["a dollar sign in single quotes", "costs $5", "KEY='costs $5'"],
  ])("writes %s for dotenv", (_what, text, line) => {
    expect(variableLine("dotenv", "KEY", text)).toBe(line);
  });

  it.each(["it's $HOME", `"it's"`, "${HOME}", "a\r\nb", "ends with \\", "a\\\\b"])(
    "has no dotenv form for %j: one reader or another would make something else of it",
    (text) => {
      expect(variableLine("dotenv", "KEY", text)).toBeUndefined();
      expect(variableLine("shell", "KEY", text)).toBeDefined();
    },
  );

  it("writes for docker what follows as it is, and nothing that takes two lines", () => {
    expect(variableLine("docker", "KEY", `{"a":"it's"} `)).toBe(`KEY={"a":"it's"} `);
    expect(variableLine("docker", "KEY", "a\nb")).toBeUndefined();
  });

  it("has no form for what no environment can hold", () => {
    for (const format of ["dotenv", "shell", "docker"] as const) {
      expect([variableLine(format, "KEY", "a\0b"), variableLine(format, "KEY", "\ud800")]).toEqual([
        undefined,
        undefined,
      ]);
    }
  });
});

describe("hiddenLine", () => {
  it("is a comment: a placeholder would be read as a value", () => {
    expect(hiddenLine("TOKEN")).toMatch(/^# TOKEN /);
  });
});
