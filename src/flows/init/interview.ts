import { AppError } from "../../core/app-error.ts";
import type { Choice, Prompts, TextQuestion } from "../../core/ask.ts";

export interface Question {
  /** As it is given on the command line: `--account`. */
  readonly flag: string;
  /** As a person is asked. */
  readonly text: string;
}

/** A candidate more helps nobody: the dashboards list them all. */
const MAX_CANDIDATES = 50;

/**
 * Finds out what was not given: takes the only candidate, or asks. Where nobody can answer it goes on without, so that
 * everything that is missing is said together by `incomplete`.
 */
export class Interview {
  readonly #prompts: Prompts | undefined;
  readonly #missing: string[] = [];
  readonly #taken: string[] = [];

  constructor(prompts: Prompts | undefined) {
    this.#prompts = prompts;
  }

  get canAsk(): boolean {
    return this.#prompts !== undefined;
  }

  /** One of `choices`; `undefined` where it is missing. */
  async choose<Value extends string>(
    { flag, text }: Question,
    choices: readonly Choice<Value>[],
    suggested?: Value,
  ): Promise<Value | undefined> {
    const [only, ...others] = choices;
    if (only !== undefined && others.length === 0) return this.#take(flag, only).value;
    if (this.#prompts) return this.#prompts.choose(text, choices, suggested);
    this.#lacks(flag, choices);
    return undefined;
  }

  /** At least one of `choices`; empty where they are missing. */
  async chooseSeveral({ flag, text }: Question, choices: readonly Choice[]): Promise<readonly string[]> {
    const [only, ...others] = choices;
    if (only !== undefined && others.length === 0) return [this.#take(flag, only).value];
    if (this.#prompts) return this.#prompts.chooseSeveral(text, choices);
    this.#lacks(flag, choices);
    return [];
  }

  /** A text; `undefined` where it is missing. `wanted`: what it must be. */
  async write({ flag, text }: Question, wanted: string, question: TextQuestion): Promise<string | undefined> {
    if (this.#prompts) return this.#prompts.write(text, question);
    this.#missing.push(`${flag}: expected ${wanted}`);
    return undefined;
  }

  /** Notes what no question can find out. */
  lacks(line: string): void {
    this.#missing.push(line);
  }

  /** What was taken because nothing else is there, one line each. */
  get taken(): readonly string[] {
    return this.#taken;
  }

  get isIncomplete(): boolean {
    return this.#missing.length > 0;
  }

  /** The error that names every flag that is missing or wrong, with what it may be. */
  incomplete(): AppError {
    return new AppError("USAGE", {
      problem: "Something that the new environment needs is missing or not understood.",
      details: this.#missing,
      fix: "Pass each flag that is named above with one value of those. On a terminal the command asks for what is missing.",
    });
  }

  #take<Only extends Choice>(flag: string, only: Only): Only {
    this.#taken.push(`${asFlag(flag, only)}: the only choice`);
    return only;
  }

  #lacks(flag: string, choices: readonly Choice[]): void {
    const shown = choices.slice(0, MAX_CANDIDATES).map((choice) => asFlag(flag, choice));
    const more = choices.length - shown.length;
    this.#missing.push(...shown, ...(more > 0 ? [`${flag}: and ${String(more)} more`] : []));
  }
}

function asFlag(flag: string, { value, label, hint }: Choice): string {
  const notes = [label, hint].filter((note) => note !== undefined && note !== "" && note !== value);
  return `${flag} ${value}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}`;
}
