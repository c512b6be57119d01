import type { Prompts } from "../../../../src/core/ask.ts";

/** What a person answers: a choice's value, several values, or a text; `undefined` takes what is suggested. */
export type ScriptedAnswer = string | readonly string[] | undefined;

export interface Asked {
  readonly question: string;
  /** Values of the choices; absent for a text. */
  readonly choices?: readonly string[];
  readonly suggested?: unknown;
}

/** A person who answers in order, as the terminal lets one: only from the choices, only texts without a problem. */
export function scriptedPrompts(...answers: readonly ScriptedAnswer[]) {
  const asked: Asked[] = [];
  const next = (question: string): ScriptedAnswer => {
    if (asked.length > answers.length) throw new Error(`Nobody was to be asked: ${question}`);
    return answers[asked.length - 1];
  };
  const prompts: Prompts = {
    choose: async (question, choices, suggested) => {
      asked.push({
        question,
        choices: choices.map(({ value }) => value),
        ...(suggested === undefined ? {} : { suggested }),
      });
      const answer = next(question) ?? suggested;
      const chosen = choices.find(({ value }) => value === answer);
      if (chosen === undefined) throw new Error(`${String(answer)} is no choice of: ${question}`);
      return chosen.value;
    },
    chooseSeveral: async (question, choices) => {
      asked.push({ question, choices: choices.map(({ value }) => value) });
      const answer = next(question);
      if (!Array.isArray(answer)) throw new Error(`Several are to be chosen: ${question}`);
      return [...(answer as readonly string[])];
    },
    write: async (question, { suggested, problemOf }) => {
      asked.push({ question, ...(suggested === undefined ? {} : { suggested }) });
      const answer = next(question) ?? suggested;
      if (typeof answer !== "string") throw new Error(`A text is to be written: ${question}`);
      const problem = problemOf(answer);
      if (problem !== undefined) throw new Error(`The prompt does not take it: ${problem}`);
      return answer;
    },
  };
  return { prompts, asked };
}
