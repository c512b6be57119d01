import { AppError } from "../../core/app-error.ts";
import { Secret } from "../../core/secret.ts";
import { openEnvironment } from "../../flows/environment/open-environment.ts";
import { requireOutputs, variablesOf } from "../../state/outputs.ts";
import { defineCommand, STACK_OPTION } from "../define-command.ts";
import { renderTable } from "../output.ts";
import { hiddenLine, LINE_FORMATS, type LineFormat, variableLine } from "../variable-lines.ts";

interface EnvOptions {
  readonly stack: string;
  readonly format: LineFormat | "json" | "table";
  readonly showSecrets?: boolean;
}

export const env = defineCommand<EnvOptions>({
  name: "env",
  summary: "the variables that an application of the environment gets",
  options: [
    STACK_OPTION,
    {
      flags: "--format <format>",
      description:
        "how to print them; dotenv: for npm's dotenv, Node.js, python-dotenv and a shell; docker: for --env-file",
      choices: [...LINE_FORMATS, "json", "table"],
      default: "table",
    },
    { flags: "--show-secrets", description: "print secret values instead of [secret]" },
  ],
  examples: [
    "kvshift env --stack dev",
    "kvshift env --stack dev --format dotenv --show-secrets > .env",
    "kvshift env --stack dev --format docker --show-secrets > kv.env",
  ],
  run: async ({ stack, format, showSecrets = false }, context) => {
    await using environment = await openEnvironment(stack, context, {
      create: false,
      needsVendors: false,
      lock: "none",
      identity: "any",
    });
    const { plain, secret } = variablesOf(requireOutputs(await environment.session.outputs()));
    const shown = Object.entries(secret).map(([key, value]): [string, string] => [
      key,
      showSecrets ? value : String(new Secret(value)),
    ]);
    const entries = [...Object.entries(plain), ...shown].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const variables = Object.fromEntries(entries);
    const { output } = context;
    if (format === "json") output.text(JSON.stringify(variables, null, 2));
    else if (format === "table") output.text(renderTable(["VARIABLE", "VALUE"], entries));
    else output.text(linesOf(format, variables, showSecrets ? new Set() : new Set(Object.keys(secret))).join("\n"));
    return { stack, variables };
  },
});

/** @throws AppError USAGE where the format has no form for a value: a wrong one is found out where it hurts */
function linesOf(
  format: LineFormat,
  variables: Readonly<Record<string, string>>,
  hidden: ReadonlySet<string>,
): readonly string[] {
  const lines = Object.entries(variables).map(
    ([key, value]) => [key, hidden.has(key) ? hiddenLine(key) : variableLine(format, key, value)] as const,
  );
  const without = lines.filter(([, line]) => line === undefined).map(([key]) => key);
  if (without.length > 0) {
    throw new AppError("USAGE", {
      problem: `The format ${format} has no form that is read back to the same value of: ${without.join(", ")}.`,
      fix: `Use another one: --format ${LINE_FORMATS.filter((other) => other !== format).join(", ")} or json.`,
    });
  }
  return lines.flatMap(([, line]) => line ?? []);
}
