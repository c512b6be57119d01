import * as prompts from "@clack/prompts";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { confirmOnTerminal } from "../../../src/cli/prompts.ts";

vi.mock("@clack/prompts", { spy: true });

const CANCELLED = Symbol("cancelled");
/** The prompt's own symbol for Ctrl-C is not exported. */
const ask = vi.mocked(prompts.confirm as (options: object) => Promise<boolean | symbol>);

beforeEach(() => {
  ask.mockReset();
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

  it("asks on stderr: stdout is for data", async () => {
    ask.mockResolvedValue(true);
    await confirmOnTerminal("Change dev?", true);
    expect(ask).toHaveBeenCalledWith({ message: "Change dev?", output: process.stderr });
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
