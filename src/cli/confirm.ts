import { confirm, isCancel } from "@clack/prompts";

import { AppError } from "../core/app-error.ts";
import type { Context } from "./define-command.ts";

/** Goes on only where `--yes` was given or a person agrees. `what`: the noun of the refusal, "change" or "removal". */
export async function requireConfirmation(
  question: string,
  what: string,
  yes: boolean | undefined,
  { confirm: ask }: Pick<Context, "confirm">,
): Promise<void> {
  if (yes === true || (await ask(question))) return;
  throw new AppError("NOT_CONFIRMED", {
    problem: `The ${what} was not confirmed; nothing was changed.`,
    fix: "Answer yes, or pass --yes where nobody can answer.",
  });
}

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
