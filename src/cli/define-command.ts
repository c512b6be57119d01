import type { RunContext } from "../core/run-context.ts";
import type { Output } from "./output.ts";

/** The world as commands see it: what flows are given, and where to print. */
export interface Context extends RunContext {
  readonly output: Output;
}

export interface OptionDefinition {
  /** As commander reads it: `--stack <environment>`. */
  readonly flags: string;
  readonly description: string;
  readonly required?: boolean;
  readonly choices?: readonly string[];
  readonly default?: string;
}

/** A command as data: the runner gives it help, errors, output and exit codes. */
export interface CommandDefinition<Options> {
  /** `up`, or `local up` */
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionDefinition[];
  readonly examples: readonly string[];
  /** What `--json` prints as one object; absent where the command prints for itself. */
  run(options: Options, context: Context): Promise<object | undefined>;
}

export function defineCommand<Options>(definition: CommandDefinition<Options>): CommandDefinition<Options> {
  return definition;
}

export const STACK_OPTION: OptionDefinition = {
  flags: "--stack <environment>",
  description: "the environment, as in Pulumi.<environment>.yaml",
  required: true,
};
export const YES_OPTION: OptionDefinition = { flags: "--yes", description: "do not ask for confirmation" };
export const WAIT_OPTION: OptionDefinition = {
  flags: "--wait",
  description: "wait for another run that holds the stack instead of refusing",
};
export const ADOPT_OPTION: OptionDefinition = {
  flags: "--adopt",
  description: "in production: take up a namespace of the exact title that the state does not know",
};
export const FORCE_OPTION: OptionDefinition = {
  flags: "--force",
  description: "take a credential out of use although a service may still run with it; recorded in the audit log",
};
export const REMOVE_USED_OPTION: OptionDefinition = {
  flags: "--remove-used",
  description: "also remove tokens that no state knows although they were used",
};
