import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import writeFileAtomic from "write-file-atomic";

import { environmentFileName, environmentOfFile } from "../../config/formats.ts";
import { parseEnvironmentFile, withEncryptionSalt } from "../../config/file.ts";
import type { EnvironmentConfig } from "../../config/schema.ts";
import { AppError } from "../../core/app-error.ts";
import type { Clock } from "../../core/clock.ts";
import type { Project } from "../../engine/project.ts";

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
  const text = await readFile(path, "utf8").catch(async (cause: unknown) => {
    throw await notFound(project, environment, cause);
  });
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

/** Carries the engine's `encryptionsalt` into people's file: the one line of it that they do not write. */
export async function keepEncryptionSalt(file: EnvironmentFile, salt: string | undefined): Promise<boolean> {
  if (!file.isOwn || salt === undefined || salt === file.encryptionSalt) return false;
  await writeFileAtomic(file.path, withEncryptionSalt(file.text, salt));
  return true;
}

async function notFound(project: Project, environment: string, cause: unknown): Promise<AppError> {
  const known = await listEnvironments(project);
  return new AppError("CONFIG_NOT_FOUND", {
    problem: `There is no Pulumi.${environment}.yaml in ${project.folder}.`,
    details: known.length > 0 ? [`environments here: ${known.join(", ")}`] : [],
    fix: `Name one of the environments with --stack, or make this one with \`kvshift init --stack ${environment}\`.`,
    cause,
  });
}
