import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { parse } from "yaml";
import { z } from "zod";

import { AppError } from "../core/app-error.ts";
import type { Secret } from "../core/secret.ts";
import { explainFailure } from "./engine-error.ts";
import { EngineReporter } from "./engine-report.ts";
import { openStack, type SessionOptions } from "./open-stack.ts";
import { runCli } from "./pulumi-cli/run-cli.ts";
import { createWorkFolder } from "./work-folder.ts";

type EncryptOptions = Pick<SessionOptions, "project" | "environment" | "command" | "backendUrl" | "env"> & {
  /** The text of the settings, with the salt that is there. */
  readonly settings: string;
};

/** A value as it stands in a file of settings. */
export interface Encrypted {
  readonly secure: string;
  /** Which key it was encrypted with; absent with a key service. */
  readonly encryptionSalt: string | undefined;
}

const KEY = "kvshift:encrypted";
const settingsSchema = z.object({ config: z.object({ [KEY]: z.object({ secure: z.string() }) }) });

/**
 * Encrypts a value for a stack as the engine does it, in a private folder: people's file is not touched. The stack is made
 * where there is none yet. The value goes through standard input.
 *
 * @throws AppError PASSPHRASE_MISSING, PASSPHRASE_WRONG, ENGINE_FAILED
 */
export async function encryptForStack(options: EncryptOptions, value: Secret): Promise<Encrypted> {
  const { project, environment, command, settings } = options;
  await using folder = await createWorkFolder(project, environment, settings);
  try {
    const nothing = { program: () => Promise.resolve({}), writePolicyPack: () => Promise.resolve("") };
    const { workspace } = await openStack({ ...options, ...nothing }, folder, true);
    const env = { ...workspace.envVars };
    const args = ["config", "set", "--stack", environment, "--secret", KEY];
    await runCli(command.command, args, { cwd: folder.path, env, input: value.reveal() });
  } catch (error) {
    throw explainFailure(error, new EngineReporter().report(), false);
  }
  const written: unknown = parse(await readFile(join(folder.path, `Pulumi.${environment}.yaml`), "utf8"));
  const found = settingsSchema.safeParse(written).data?.config[KEY];
  if (found === undefined) {
    throw new AppError("ENGINE_FAILED", {
      problem: "The Pulumi CLI encrypted nothing.",
      fix: "Report this with the version of the Pulumi CLI.",
    });
  }
  return { secure: found.secure, encryptionSalt: await folder.encryptionSalt() };
}
