import { type CANCEL_SYMBOL, confirm, isCancel, multiselect, select, text } from "@clack/prompts";

import { AppError } from "../core/app-error.ts";
import type { Choice, Prompts } from "../core/ask.ts";

/** Asks on stderr: stdout is for data. `undefined` where nobody can answer. */
export function terminalPrompts(isTerminal: boolean): Prompts | undefined {
  if (!isTerminal) return undefined;
  const output = process.stderr;
  return {
    choose: async <Value extends string>(message: string, choices: readonly Choice<Value>[], suggested?: Value) => {
      const options = choices.map((choice) => ({ ...choice }));
      const initial = suggested === undefined ? {} : { initialValue: suggested };
      // The option type of the prompt depends on that of the value, which must be known: here it is text.
      const answer = await select<string>({ message, output, options, ...initial });
      const chosen = choices.find(({ value }) => value === answer);
      if (chosen === undefined) throw brokenOff();
      return chosen.value;
    },
    chooseSeveral: async (message, choices, suggested = []) => {
      const options = choices.map((choice) => ({ ...choice }));
      return answered(
        await multiselect<string>({ message, output, options, initialValues: suggested, required: true }),
      );
    },
    write: async (message, { suggested, problemOf }) =>
      answered(
        await text({
          message,
          output,
          validate: (value) => problemOf((value ?? "").trim()),
          ...(suggested === undefined ? {} : { initialValue: suggested }),
        }),
      ).trim(),
  };
}

function answered<Answer extends string | string[]>(answer: Answer | typeof CANCEL_SYMBOL): Answer {
  if (isCancel(answer)) throw brokenOff();
  return answer;
}

function brokenOff(): AppError {
  return new AppError("NOT_CONFIRMED", {
    problem: "The questions were broken off; nothing was changed.",
    fix: "Run the command again, or give the answers as flags (--help lists them).",
  });
}

/** Asks on the terminal; without one it refuses at once instead of waiting for an answer that cannot come. */
export async function confirmOnTerminal(question: string, isTerminal: boolean, typed?: string): Promise<boolean> {
  if (!isTerminal) {
    throw new AppError("NOT_CONFIRMED", {
      problem: "The command needs a confirmation and there is no terminal to ask on.",
      fix: "Pass --yes.",
    });
  }
  const output = process.stderr;
  if (typed !== undefined) {
    const word = await text({ message: `${question} Type ${typed} to go on.`, output });
    return !isCancel(word) && word.trim() === typed;
  }
  // A stroke of the Enter key changes nothing.
  const answer = await confirm({ message: question, output, initialValue: false });
  return !isCancel(answer) && answer;
}
