import { Secret } from "../../core/secret.ts";
import { openEnvironment } from "../../flows/environment/open-environment.ts";
import { requireOutputs, variablesOf } from "../../state/outputs.ts";
import { defineCommand, STACK_OPTION } from "../define-command.ts";
import { renderTable } from "../output.ts";

interface EnvOptions {
  readonly stack: string;
  readonly format: "dotenv" | "json" | "table";
  readonly showSecrets?: boolean;
}

export const env = defineCommand<EnvOptions>({
  name: "env",
  summary: "the variables that an application of the environment gets",
  options: [
    STACK_OPTION,
    {
      flags: "--format <format>",
      description: "how to print them",
      choices: ["dotenv", "json", "table"],
      default: "table",
    },
    { flags: "--show-secrets", description: "print secret values instead of [secret]" },
  ],
  examples: ["kvshift env --stack dev", "kvshift env --stack dev --format dotenv --show-secrets > .env"],
  run: async ({ stack, format, showSecrets }, context) => {
    await using environment = await openEnvironment(stack, context, {
      create: false,
      needsVendors: false,
      lock: "none",
      identity: "any",
    });
    const { plain, secret } = variablesOf(requireOutputs(await environment.session.outputs()));
    const shown = Object.entries(secret).map(([key, value]): [string, string] => [
      key,
      showSecrets === true ? value : String(new Secret(value)),
    ]);
    const entries = [...Object.entries(plain), ...shown].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const variables = Object.fromEntries(entries);
    print(variables, format, (line) => {
      context.output.text(line);
    });
    return { stack, variables };
  },
});

function print(
  variables: Readonly<Record<string, string>>,
  format: EnvOptions["format"],
  text: (line: string) => void,
): void {
  const entries = Object.entries(variables);
  if (format === "json") text(JSON.stringify(variables, null, 2));
  else if (format === "dotenv") for (const [key, value] of entries) text(dotenvLine(key, value));
  else text(renderTable(["VARIABLE", "VALUE"], entries));
}

/** One line of a dotenv file: quoted where a shell or a dotenv reader would read anything but the value. */
export function dotenvLine(key: string, value: string): string {
  if (/^[A-Za-z0-9_./:@%+,=-]*$/.test(value)) return `${key}=${value}`;
  // Single quotes are literal to shells and dotenv readers alike; a value that holds one goes into double quotes.
  if (!value.includes("'")) return `${key}='${value}'`;
  return `${key}="${value.replaceAll(/[\\"$`]/g, String.raw`\$&`)}"`;
}
