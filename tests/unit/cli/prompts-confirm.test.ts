import * as prompts from "@clack/prompts";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { confirmOnTerminal } from "../../../src/cli/prompts.ts";

vi.mock("@clack/prompts", { spy: true });

const CANCELLED = Symbol("cancelled");
/** The prompt's own symbol for Ctrl-C is not exported. */
const ask = vi.mocked(prompts.confirm as (options: object) => Promise<boolean | symbol>);

const write = vi.mocked(prompts.text as (options: object) => Promise<string | symbol>);

beforeEach(() => {
  ask.mockReset();
  write.mockReset();
  vi.mocked(prompts.isCancel).mockImplementation((answer) => answer === CANCELLED);
});

describe("confirmOnTerminal", () => {
  it.each([
    ["yes", true, true],
    ["no", false, false],
    ["Ctrl-C", CANCELLED, false],
  ])("takes the answer %s", async (_name, answer, expected) => {
    ask.mockResolvedValue(answer);
    expect(await confirmOnTerminal("Change dev?", true)).toBe(expected);
  });

  it("asks on stderr, since stdout is for data, and preselects no", async () => {
    ask.mockResolvedValue(true);
    await confirmOnTerminal("Change dev?", true);
    expect(ask).toHaveBeenCalledWith({ message: "Change dev?", output: process.stderr, initialValue: false });
  });

  it.each([
    ["prod", true],
    [" prod ", true],
    ["yes", false],
    ["", false],
    ["Prod", false],
    [CANCELLED, false],
  ])("where a word has to be typed takes %s for %s", async (answer, expected) => {
    write.mockResolvedValue(answer);
    expect(await confirmOnTerminal("Remove prod?", true, "prod")).toBe(expected);
    expect(write).toHaveBeenCalledWith({ message: "Remove prod? Type prod to go on.", output: process.stderr });
    expect(ask).not.toHaveBeenCalled();
  });

  it("refuses without asking where nobody can answer", async () => {
    await expect(confirmOnTerminal("Change dev?", false)).rejects.toMatchObject({
      code: "NOT_CONFIRMED",
      exitCode: 3,
      fix: "Pass --yes.",
    });
    expect(ask).not.toHaveBeenCalled();
  });
});
