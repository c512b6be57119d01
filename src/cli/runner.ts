import { inspect } from "node:util";

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
      exitCode = await runOne(definition, given, options);
    });
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    const usage = usageError(error);
    // For people, the parser has written it already.
    if (args.includes("--json")) options.writeOut(jsonError(usage));
    return usage.exitCode;
  }
  return exitCode;
}

async function runOne(definition: AnyCommand, given: GivenOptions, options: RunnerOptions): Promise<number> {
  const { json = false, cwd, ...rest } = given;
  let context: Context;
  try {
    context = options.makeContext({ json, cwd });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (json) options.writeOut(jsonError(error));
    options.writeErr(`✗ ${error.problem} [${error.code}]\n  Fix: ${error.fix}\n`);
    return error.exitCode;
  }
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- commander has checked them against the definition
    const result = await definition.run(rest as never, context);
    if (json && result !== undefined) context.output.jsonLine({ ok: true, ...result });
    return 0;
  } catch (error) {
    const shown = error instanceof AppError ? error : asBug(error);
    context.output.error(shown);
    if (shown !== error && context.env["KVSHIFT_DEBUG"]) context.output.note(inspect(error));
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

function usageError({ message }: CommanderError): AppError {
  return new AppError("USAGE", {
    problem: message.replace(/^error: /, "").replaceAll("\n", " "),
    fix: "Add --help for the options and an example.",
  });
}

/** What `Output` prints with `--json`, where there is no context yet. */
function jsonError(error: AppError): string {
  return `${JSON.stringify({ ok: false, error })}\n`;
}

/** Anything that is not an AppError is a bug: its text may hold anything, so only its kind and place are shown. */
function asBug(error: unknown): AppError {
  const lines = error instanceof Error ? (error.stack ?? "").split("\n") : [];
  const stack = lines.filter((line) => /^ {4}at .*\/src\//.test(line));
  return new AppError("BUG", {
    problem: `kvshift met an error that it does not know (${error instanceof Error ? error.name : typeof error}).`,
    details: stack.slice(0, 5).map((line) => line.trim()),
    fix: "Please report it with these lines. Set KVSHIFT_DEBUG=1 to see the whole error; it may hold secrets.",
    cause: error,
  });
}
