import { basename } from "node:path";

import { SECRET_KEYS, setSecret } from "../../flows/secret/set-secret.ts";
import { defineCommand, STACK_OPTION } from "../define-command.ts";
import { readSecret } from "../read-secret.ts";

interface SecretFlags {
  readonly stack: string;
  readonly key: (typeof SECRET_KEYS)[number];
}

export const secretSet = defineCommand<SecretFlags>({
  name: "secret set",
  summary: "put a secret into an environment's file, encrypted; from standard input, or asked for on a terminal",
  options: [
    STACK_OPTION,
    { flags: "--key <key>", description: "which secret", choices: [...SECRET_KEYS], default: SECRET_KEYS[0] },
  ],
  examples: ["kvshift secret set --stack dev", "kvshift secret set --stack dev --key upstash.restToken --json"],
  run: async ({ stack, key }, context) => {
    const { file } = await setSecret(stack, () => readSecret(`kvshift:${key} of ${stack}`, process.stdin), context);
    context.output.text(`kvshift:${key} is in ${basename(file)}, encrypted. Commit the file.`);
    return { stack, key, file };
  },
});
