import { AppError } from "./app-error.ts";

export interface Choice<Value extends string = string> {
  readonly value: Value;
  readonly label: string;
  readonly hint?: string;
}

export interface TextQuestion {
  /** Stands in the field from the start. */
  readonly suggested?: string;
  /** What is wrong with a text; `undefined` where nothing is. */
  readonly problemOf: (text: string) => string | undefined;
}

/** Questions to a person. Each rejects with `NOT_CONFIRMED` where the person breaks off (Ctrl-C). */
export interface Prompts {
  choose<Value extends string>(question: string, choices: readonly Choice<Value>[], suggested?: Value): Promise<Value>;
  /** At least one. */
  chooseSeveral(question: string, choices: readonly Choice[], suggested?: readonly string[]): Promise<string[]>;
  write(question: string, options: TextQuestion): Promise<string>;
}

/**
 * Asks a person yes or no; rejects with `NOT_CONFIRMED` where nobody can answer. `typed`: the word that has to be typed
 * instead of a yes, where a wrong yes cannot be made good.
 */
export type Confirm = (question: string, typed?: string) => Promise<boolean>;

/**
 * Goes on only where `--yes` was given or a person agrees. `what`: the noun of the refusal, "change" or "removal".
 *
 * @throws AppError NOT_CONFIRMED
 */
export async function requireConfirmation(
  question: string,
  what: string,
  yes: boolean | undefined,
  { confirm }: { readonly confirm: Confirm },
  typed?: string,
): Promise<void> {
  if (yes === true || (await confirm(question, typed))) return;
  throw new AppError("NOT_CONFIRMED", {
    problem: `The ${what} was not confirmed: it was not made.`,
    fix: `${typed === undefined ? "Answer yes" : `Type ${typed}`}, or pass --yes where nobody can answer.`,
  });
}
