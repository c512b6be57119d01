import { describe, expect, it } from "vitest";

import { COMMANDS } from "../../../src/cli/commands.ts";
import {
  type CommandDefinition,
  type Context,
  defineCommand,
  STACK_OPTION,
  YES_OPTION,
} from "../../../src/cli/define-command.ts";
import { runCommandLine } from "../../../src/cli/runner.ts";
import { AppError } from "../../../src/core/app-error.ts";
import { recordingOutput } from "./recording-output.ts";

interface Given {
  readonly stack: string;
  readonly yes?: boolean;
  readonly format?: string;
}

/** A command that remembers its options and ends as it is told. */
function commandThat(run: (options: Given, context: Context) => Promise<object | undefined>) {
  return defineCommand<Given>({
    name: "change",
    summary: "change something",
    options: [
      STACK_OPTION,
      YES_OPTION,
      { flags: "--format <format>", description: "how", choices: ["table", "json"], default: "table" },
    ],
    examples: ["kvshift change --stack dev"],
    run,
  });
}

interface World {
  readonly commands?: readonly CommandDefinition<never>[];
  readonly env?: Readonly<Record<string, string>>;
  readonly makeContextFails?: Error;
}

async function run(line: string, { commands = COMMANDS, env = {}, makeContextFails }: World = {}) {
  const made: unknown[] = [];
  const written = { out: "", err: "" };
  let recorded = recordingOutput();
  const code = await runCommandLine(line === "" ? [] : line.split(" "), {
    version: "1.2.3",
    commands,
    writeOut: (text) => (written.out += text),
    writeErr: (text) => (written.err += text),
    makeContext: (options) => {
      if (makeContextFails) throw makeContextFails;
      made.push(options);
      recorded = recordingOutput({ json: options.json });
      return {
        cwd: "/",
        env,
        clock: { now: () => 0 },
        output: recorded.output,
        emit: recorded.output.emit,
        signal: new AbortController().signal,
        confirm: () => Promise.resolve(false),
      };
    },
  });
  return { code, made, stdout: written.out + recorded.stdout(), stderr: written.err + recorded.stderr() };
}

const failing = (error: unknown) => ({
  commands: [
    commandThat(async () => {
      throw error;
    }),
  ],
});

describe("a command line", () => {
  it("gives the command its options, with defaults, and the runner --json and --cwd", async () => {
    const given: unknown[] = [];
    const command = commandThat(async (options) => void given.push(options));
    const { code, made } = await run("change --stack dev --yes --cwd /elsewhere", { commands: [command] });
    expect(code).toBe(0);
    expect(given).toEqual([{ stack: "dev", yes: true, format: "table" }]);
    expect(made).toEqual([{ json: false, cwd: "/elsewhere" }]);
  });

  it("prints with --json what the command returns as one object, and nothing else on stdout", async () => {
    const command = commandThat(async ({ stack }, { output }) => {
      output.text("for people");
      return { stack, changed: true };
    });
    const { code, stdout } = await run("change --stack dev --json", { commands: [command] });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"ok":true,"stack":"dev","changed":true}\n' });
  });

  it("prints nothing of its own for people, nor for a command that returns nothing", async () => {
    const returning = await run("change --stack dev", { commands: [commandThat(async () => ({ secret: 1 }))] });
    const silent = await run("change --stack dev --json", { commands: [commandThat(async () => undefined)] });
    expect([returning.stdout, silent.stdout]).toEqual(["", ""]);
  });

  it("tells its version", async () => {
    expect(await run("--version")).toMatchObject({ code: 0, stdout: "1.2.3\n" });
  });
});

describe("a command line that is not understood", () => {
  it.each([
    ["an unknown option", "up --stack dev --now", "unknown option '--now'"],
    ["an unknown command", "update --stack dev", "unknown command 'update'"],
    ["an unknown subcommand", "local down", "unknown command 'down'"],
    ["a missing --stack", "up", "required option '--stack <environment>' not specified"],
    ["an option without its value", "up --stack", "option '--stack <environment>' argument missing"],
    ["an argument too many", "up --stack dev prod", "too many arguments"],
    [
      "a value that is no choice",
      "env --stack dev --format yaml",
      "Allowed choices are dotenv, shell, docker, json, table.",
    ],
  ])("ends with 2 for %s, says so on stderr, and runs nothing", async (_what, line, message) => {
    const { code, made, stdout, stderr } = await run(line);
    expect({ code, made, stdout }).toEqual({ code: 2, made: [], stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toContain("--help");
  });

  it("suggests the command that was probably meant", async () => {
    expect((await run("destory --stack dev")).stderr).toContain("Did you mean destroy?");
  });

  it.each(["", "local"])("ends with 2 and shows the help for '%s' without a command", async (line) => {
    const { code, stderr } = await run(line);
    expect(code).toBe(2);
    expect(stderr).toContain("Commands:");
  });

  it("is an object of code USAGE on stdout with --json", async () => {
    const { code, stdout } = await run("updat --stack dev --json");
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      error: {
        code: "USAGE",
        problem: expect.stringMatching(/^unknown command 'updat'[^\n]*$/),
        details: [],
        fix: "Add --help for the options and an example.",
        retryable: false,
      },
    });
  });
});

describe("a command that fails", () => {
  it.each([
    ["BUG", 1],
    ["CONFIG_INVALID", 2],
    ["NOT_CONFIRMED", 3],
    ["VENDOR_FAILED", 4],
    ["PARTIAL", 5],
  ] as const)("ends with the exit code of its class: %s with %i", async (code, exit) => {
    const error = new AppError(code, { problem: "It went wrong.", fix: "Mend it." });
    const finished = await run("change --stack dev", failing(error));
    expect(finished).toMatchObject({ code: exit, stdout: "" });
    expect(finished.stderr).toContain(`It went wrong. [${code}]`);
    expect(finished.stderr).toContain("Fix: Mend it.");
  });

  it("prints with --json the error as one object", async () => {
    const error = new AppError("STACK_LOCKED", { problem: "Locked.", fix: "Wait.", retryable: true });
    const { stdout } = await run("change --stack dev --json", failing(error));
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      error: { code: "STACK_LOCKED", problem: "Locked.", details: [], fix: "Wait.", retryable: true },
    });
  });

  const VALUE = "not-for-eyes-/src/-".repeat(2);

  it.each([
    ["an Error", new TypeError(`leaks ${VALUE}`), "TypeError"],
    ["an Error of many lines", new Error(`leaks\n${VALUE}\n/src/${VALUE}`), "Error"],
    ["a text", VALUE, "string"],
    ["nothing", undefined, "undefined"],
  ])("is a bug where it throws %s: its kind is shown, never its text", async (_what, thrown, kind) => {
    const { code, stdout, stderr } = await run("change --stack dev --json", failing(thrown));
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "BUG" } });
    expect(stderr).toContain(`(${kind})`);
    expect(stdout + stderr).not.toContain(VALUE);
  });

  it("shows of a bug where it happened, and the whole error only under KVSHIFT_DEBUG", async () => {
    const error = new TypeError("its own words");
    error.stack = "TypeError: its own words\n    at run (file:///kvshift/src/cli/run.ts:1:2)\n    at node:internal";
    const { stderr } = await run("change --stack dev", failing(error));
    expect(stderr).toContain("  - at run (file:///kvshift/src/cli/run.ts:1:2)");
    expect(stderr).not.toContain("its own words");
    const debugged = await run("change --stack dev", { ...failing(error), env: { KVSHIFT_DEBUG: "1" } });
    expect(debugged.stderr).toContain("its own words");
  });

  it("reports a context that cannot be made like any other error", async () => {
    const makeContextFails = new AppError("USAGE", { problem: "That is not a date.", fix: "Use another." });
    const { code, stdout, stderr } = await run("up --stack dev --json", { makeContextFails });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "USAGE", problem: "That is not a date." } });
    expect(stderr).toBe("✗ That is not a date. [USAGE]\n  Fix: Use another.\n");
  });
});

describe("help", () => {
  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    "of `%s` goes to stdout with its options and its examples",
    async (name, { examples, options }) => {
      const { code, stdout, stderr } = await run(`${name} --help`);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) expect(stdout).toContain(`$ ${example}`);
      for (const { flags } of options) expect(stdout).toContain(flags);
      expect(stdout).toContain("--json");
      expect(stdout).toContain("--cwd <folder>");
    },
  );

  it("of kvshift itself names every command", async () => {
    const { code, stdout } = await run("--help");
    expect(code).toBe(0);
    for (const { name } of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name.split(" ")[0] ?? ""}\\b`, "m"));
  });
});

describe("COMMANDS", () => {
  it("have a name of their own each", () => {
    const names = COMMANDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(COMMANDS.flatMap(({ name, examples }) => examples.map((example) => [example, name] as const)))(
    "understand their example `%s`",
    async (example, name) => {
      const words = example.replace(/ >.*/, "").split(" ");
      const args =
        words[0] === "npm"
          ? ["demo", ...words.filter((word) => word.startsWith("--") && word !== "--silent" && word !== "--")]
          : words.slice(1);
      const ran: string[] = [];
      const commands = COMMANDS.map((command) => ({ ...command, run: async () => void ran.push(command.name) }));
      const { code } = await run(args.join(" "), { commands });
      expect({ code, ran }).toEqual({ code: 0, ran: [name] });
    },
  );
});
