import { confirm, isCancel } from "@clack/prompts";

import { AppError } from "../core/app-error.ts";

/** Asks on the terminal; without one it refuses at once instead of waiting for an answer that cannot come. */
export async function confirmOnTerminal(question: string, isTerminal: boolean): Promise<boolean> {
  if (!isTerminal) {
    throw new AppError("NOT_CONFIRMED", {
      problem: "The command needs a confirmation and there is no terminal to ask on; nothing was changed.",
      fix: "Pass --yes.",
    });
  }
  const answer = await confirm({ message: question, output: process.stderr });
  return !isCancel(answer) && answer;
}
