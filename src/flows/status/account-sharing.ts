import { AppError } from "../../core/app-error.ts";
import type { Clock } from "../../core/clock.ts";
import type { Project } from "../../engine/project.ts";
import { listEnvironments, readEnvironmentFile } from "../environment/environment-file.ts";

/** Which environments of a project are in the account of one of them: a token reaches every namespace of its account. */
export interface AccountSharing {
  readonly sharedWith: readonly string[];
  /** Environments whose file has problems, so that their account is not known. */
  readonly unknown: readonly string[];
}

/** Only ids are taken from the files: a credential that has expired by now must not hide an account. */
export const BEFORE_ANY_EXPIRY: Clock = { now: () => 0 };

/** Reads the files of all other environments. Other projects in the account are not seen. */
export async function readAccountSharing(
  project: Project,
  environment: string,
  accountId: string,
): Promise<AccountSharing> {
  const others = (await listEnvironments(project)).filter((name) => name !== environment);
  const accounts = await Promise.all(others.map(async (name) => ({ name, accountId: await accountOf(project, name) })));
  return {
    sharedWith: accounts.filter((other) => other.accountId === accountId).map(({ name }) => name),
    unknown: accounts.filter((other) => other.accountId === undefined).map(({ name }) => name),
  };
}

async function accountOf(project: Project, name: string): Promise<string | undefined> {
  try {
    return (await readEnvironmentFile(project, name, BEFORE_ANY_EXPIRY)).config.cloudflare.accountId;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
