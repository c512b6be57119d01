import { Command, CommanderError, Option } from "commander";

import { AppError } from "../core/app-error.ts";
import type { CommandDefinition, Context, OptionDefinition } from "./define-command.ts";

type AnyCommand = CommandDefinition<never>;

/** Builds the context of a run, once it is known whether `--json` and `--cwd` are given. */
export type MakeContext = (options: { readonly json: boolean; readonly cwd: string | undefined }) => Context;

export interface RunnerOptions {
  readonly version: string;
  readonly commands: readonly AnyCommand[];
  readonly makeContext: MakeContext;
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

/** Runs the command line `args` and returns the exit code: 0, or that of the error's class. */
export async function runCommandLine(args: readonly string[], options: RunnerOptions): Promise<number> {
  let exitCode = 0;
  const program = createProgram(options);
  for (const definition of options.commands) {
    attach(program, definition, options, async (given) => {
      exitCode = await runOne(definition, given, options.makeContext);
    });
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}

async function runOne(definition: AnyCommand, given: GivenOptions, makeContext: MakeContext): Promise<number> {
  const { json = false, cwd, ...rest } = given;
  const context = makeContext({ json, cwd });
  try {
    const result = await definition.run(rest as never, context);
    if (json && result !== undefined) context.output.jsonLine({ ok: true, ...(result as object) });
    return 0;
  } catch (error) {
    const shown = error instanceof AppError ? error : asBug(error);
    context.output.error(shown);
    return shown.exitCode;
  }
}

interface GivenOptions {
  readonly json?: boolean;
  readonly cwd?: string;
}

function createProgram({ version, writeOut, writeErr }: RunnerOptions): Command {
  return new Command("kvshift")
    .description("Cloudflare KV for an application on Render, as code")
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(add --help for the options and an example)")
    .configureOutput({ writeOut, writeErr });
}

function attach(
  program: Command,
  definition: AnyCommand,
  { writeOut, writeErr }: RunnerOptions,
  action: (given: GivenOptions) => Promise<void>,
): void {
  const words = definition.name.split(" ");
  const parent = words.slice(0, -1).reduce((group, word) => subgroup(group, word), program);
  const command = parent
    .command(words.at(-1) ?? definition.name)
    .description(definition.summary)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeOut, writeErr })
    .allowExcessArguments(false)
    .addHelpText("after", `\nExamples:\n${definition.examples.map((line) => `  $ ${line}`).join("\n")}`);
  for (const option of definition.options) command.addOption(toOption(option));
  command.option("--json", "print one JSON object on standard output");
  command.option("--cwd <folder>", "the folder of the Pulumi project (default: this folder or one above it)");
  command.action((given: GivenOptions) => action(given));
}

function subgroup(program: Command, word: string): Command {
  const known = program.commands.find((command) => command.name() === word);
  return known ?? program.command(word).description(`commands of ${word}`).exitOverride();
}

function toOption({ flags, description, required, choices, default: value }: OptionDefinition): Option {
  const option = new Option(flags, description);
  if (required === true) option.makeOptionMandatory();
  if (choices) option.choices([...choices]);
  if (value !== undefined) option.default(value);
  return option;
}

/** Anything that is not an AppError is a bug: its text may hold anything, so only its kind and place are shown. */
function asBug(error: unknown): AppError {
  const stack = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => line.includes("/src/")) : [];
  return new AppError("BUG", {
    problem: `kvshift met an error that it does not know (${error instanceof Error ? error.name : typeof error}).`,
    details: stack.slice(0, 5).map((line) => line.trim()),
    fix: "Please report it with these lines. Set KVSHIFT_DEBUG=1 to see the whole error; it may hold secrets.",
    cause: error,
  });
}
