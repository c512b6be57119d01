import { join } from "node:path";

import { withRestToken } from "../../config/edit-token.ts";
import { encryptionSaltIn, withEncryptionSalt } from "../../config/file.ts";
import { environmentFileName } from "../../config/formats.ts";
import { AppError } from "../../core/app-error.ts";
import type { RunContext } from "../../core/run-context.ts";
import type { Secret } from "../../core/secret.ts";
import { resolveBackend } from "../../engine/backend.ts";
import { encryptForStack } from "../../engine/encrypt.ts";
import { findProject, INSTALLATION } from "../../engine/project.ts";
import { ensureCli } from "../../engine/pulumi-cli/ensure.ts";
import { requirePassphrase } from "../../engine/vendor-environment.ts";
import { readEnvironmentText } from "../environment/environment-file.ts";
import { passphraseFile } from "../environment/open-environment.ts";
import { replaceFile } from "../environment/replace-file.ts";

/** Secrets that a file of settings may hold, by their key. */
export const SECRET_KEYS = ["upstash.restToken"] as const;

const SECRETS_PROVIDER = /^secretsprovider:\s*["']?([^\s"']+)/m;

/**
 * Puts a secret into an environment's file, encrypted with kvshift's own copy of the engine. The rest of the file stays
 * as it is, and need not be complete: this is how it becomes complete.
 *
 * @throws AppError CONFIG_NOT_FOUND, CONFIG_NOT_YAML, CONFIG_INVALID, PASSPHRASE_MISSING, PASSPHRASE_WRONG, CLI_UNAVAILABLE
 */
export async function setSecret(
  stack: string,
  ask: () => Promise<Secret>,
  { cwd, env, emit, signal }: RunContext,
): Promise<{ readonly file: string }> {
  const project = await findProject(cwd);
  const file = environmentFileName(stack);
  const path = join(project.folder, file);
  const text = await readEnvironmentText(project, stack);
  // Before anybody is asked for a secret.
  withRestToken(text, "v1:probe", file);
  requirePassphrase(env, SECRETS_PROVIDER.exec(text)?.[1]);
  const backendUrl = await resolveBackend(project, env);
  const command = await ensureCli({ env, buildSource: join(INSTALLATION, "tools", "pulumi"), emit, signal });
  const options = {
    project,
    environment: stack,
    settings: text,
    command,
    backendUrl,
    env: { ...passphraseFile({ cwd, env }) },
  };
  const { secure, encryptionSalt } = await encryptForStack(options, await ask());
  const withToken = withRestToken(text, secure, file);
  const isSalted = encryptionSalt === undefined || encryptionSalt === encryptionSaltIn(text);
  const edited = isSalted ? withToken : withEncryptionSalt(withToken, encryptionSalt);
  if (await replaceFile(path, text, edited)) return { file: path };
  throw new AppError("CONFIG_INVALID", {
    problem: `Somebody changed ${file} meanwhile: it was left as it is.`,
    fix: "Run it again.",
    retryable: true,
  });
}
