import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { environmentFileName, environmentOfFile } from "../../config/formats.ts";
import { encryptionSaltIn, parseEnvironmentFile, withEncryptionSalt } from "../../config/file.ts";
import type { EnvironmentConfig } from "../../config/schema.ts";
import { AppError } from "../../core/app-error.ts";
import type { Clock } from "../../core/clock.ts";
import { readTextFile } from "../../core/text-file.ts";
import type { Project } from "../../engine/project.ts";
import { replaceFile } from "./replace-file.ts";

/** `Pulumi.<environment>.yaml` of a project, read and checked. */
export interface EnvironmentFile {
  readonly path: string;
  readonly text: string;
  readonly config: EnvironmentConfig;
  readonly encryptionSalt: string | undefined;
  readonly secretsProvider: string | undefined;
  /** Whether it describes one environment alone. Of a template nothing is written back. */
  readonly isOwn: boolean;
}

/**
 * Reads and checks the file of an environment.
 *
 * @throws AppError CONFIG_NOT_FOUND, CONFIG_NOT_YAML, CONFIG_INVALID with every problem at once
 */
export async function readEnvironmentFile(
  project: Project,
  environment: string,
  clock: Clock,
): Promise<EnvironmentFile> {
  const file = environmentFileName(environment);
  const path = join(project.folder, file);
  const text = await readEnvironmentText(project, environment);
  const { config, encryptionSalt, secretsProvider } = parseEnvironmentFile(text, {
    environment,
    now: clock.now(),
    file,
  });
  return { path, text, config, encryptionSalt, secretsProvider, isOwn: true };
}

/** Environments that have a file in the project, in order. */
export async function listEnvironments(project: Project): Promise<string[]> {
  const names = await readdir(project.folder);
  return names.flatMap((name) => environmentOfFile(name) ?? []).toSorted();
}

/**
 * Carries the engine's `encryptionsalt` into people's file, as it is by now: the one line of it that they do not write.
 * `refused`: somebody wrote another salt meanwhile, or writes the file at this very moment.
 */
export async function keepEncryptionSalt(
  file: EnvironmentFile,
  salt: string | undefined,
): Promise<"written" | "as it was" | "refused"> {
  if (!file.isOwn || salt === undefined || salt === file.encryptionSalt) return "as it was";
  const text = await readFile(file.path, "utf8");
  const found = encryptionSaltIn(text);
  if (found === salt) return "as it was";
  if (found !== file.encryptionSalt) return "refused";
  return (await replaceFile(file.path, text, withEncryptionSalt(text, salt))) ? "written" : "refused";
}

/**
 * The text of an environment's file, whatever it says.
 *
 * @throws AppError CONFIG_NOT_FOUND with the environments that have a file, CONFIG_NOT_YAML where it is not UTF-8
 */
export async function readEnvironmentText(project: Project, environment: string): Promise<string> {
  const file = environmentFileName(environment);
  return readTextFile(join(project.folder, file), file).catch(async (cause: unknown) => {
    throw cause instanceof AppError ? cause : await environmentNotFound(project, environment, cause);
  });
}

async function environmentNotFound(project: Project, environment: string, cause: unknown): Promise<AppError> {
  const known = await listEnvironments(project);
  return new AppError("CONFIG_NOT_FOUND", {
    problem: `There is no Pulumi.${environment}.yaml in ${project.folder}.`,
    details: known.length > 0 ? [`environments here: ${known.join(", ")}`] : [],
    fix: `Name one of the environments with --stack, or make this one with \`kvshift init --stack ${environment}\`.`,
    cause,
  });
}
