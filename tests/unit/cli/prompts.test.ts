import * as clack from "@clack/prompts";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { terminalPrompts } from "../../../src/cli/prompts.ts";

vi.mock("@clack/prompts", { spy: true });

const CANCELLED = Symbol("cancelled");
const CHOICES = [
  { value: "a", label: "first", hint: "old" },
  { value: "b", label: "second" },
] as const;

/** The prompts' own symbol for Ctrl-C is not exported. */
const select = vi.mocked(clack.select as (options: object) => Promise<string | symbol>);
const multiselect = vi.mocked(clack.multiselect as (options: object) => Promise<string[] | symbol>);
const text = vi.mocked(clack.text as (options: object) => Promise<string | symbol>);

beforeEach(() => {
  for (const prompt of [select, multiselect, text]) prompt.mockReset();
  vi.mocked(clack.isCancel).mockImplementation((answer) => answer === CANCELLED);
});

function prompts() {
  const found = terminalPrompts(true);
  if (found === undefined) throw new Error("there are no prompts on a terminal");
  return found;
}

describe("questions on a terminal", () => {
  it("are none where nobody can answer", () => {
    expect(terminalPrompts(false)).toBeUndefined();
  });

  it("offer choices on stderr, and return the value of the chosen one", async () => {
    select.mockResolvedValue("b");
    expect(await prompts().choose("Which?", CHOICES, "a")).toBe("b");
    expect(select).toHaveBeenCalledWith({
      message: "Which?",
      output: process.stderr,
      options: CHOICES,
      initialValue: "a",
    });
  });

  it("take several choices, and at least one", async () => {
    multiselect.mockResolvedValue(["a", "b"]);
    expect(await prompts().chooseSeveral("Which?", CHOICES)).toEqual(["a", "b"]);
    expect(multiselect).toHaveBeenCalledWith({
      message: "Which?",
      output: process.stderr,
      options: CHOICES,
      initialValues: [],
      required: true,
    });
  });

  it("take a text without the blanks around it, once nothing is wrong with it", async () => {
    text.mockResolvedValue("  text ");
    const problemOf = (answer: string) => (answer === "right" ? undefined : "wrong");
    expect(await prompts().write("What?", { suggested: "old", problemOf })).toBe("text");
    const options = text.mock.calls[0]?.[0] as { validate: (answer?: string) => string | undefined };
    expect(options).toMatchObject({ message: "What?", output: process.stderr, initialValue: "old" });
    expect([" right ", "other", undefined].map((answer) => options.validate(answer))).toEqual([
      undefined,
      "wrong",
      "wrong",
    ]);
  });

  it("suggest nothing where there is nothing to suggest", async () => {
    select.mockResolvedValue("a");
    text.mockResolvedValue("text");
    await prompts().choose("Which?", CHOICES);
    await prompts().write("What?", { problemOf: () => undefined });
    expect(select.mock.calls[0]?.[0]).not.toHaveProperty("initialValue");
    expect(text.mock.calls[0]?.[0]).not.toHaveProperty("initialValue");
  });

  it.each([
    ["choose", () => prompts().choose("Which?", CHOICES)],
    ["chooseSeveral", () => prompts().chooseSeveral("Which?", CHOICES)],
    ["write", () => prompts().write("What?", { problemOf: () => undefined })],
  ])("end the command where %s is broken off with Ctrl-C", async (_name, ask) => {
    for (const prompt of [select, multiselect, text]) prompt.mockResolvedValue(CANCELLED);
    await expect(ask()).rejects.toMatchObject({ code: "NOT_CONFIRMED", exitCode: 3 });
  });
});
