import { basename } from "node:path";

import { environmentOfFile } from "../../config/formats.ts";
import type { Clock } from "../../core/clock.ts";
import { resolveBackend } from "../../engine/backend.ts";
import { saltInState } from "../../engine/passphrase.ts";
import { findProject, type Project } from "../../engine/project.ts";
import type { Fetch } from "../../vendors/vendor-api.ts";
import { type EnvironmentFile, listEnvironments, readEnvironmentFile } from "../environment/environment-file.ts";
import { passphraseFile } from "../environment/open-environment.ts";
import { broken, brokenBy, type Check, passed, skipped } from "./check.ts";
import {
  checkBackend,
  checkCli,
  checkNode,
  checkPassphrase,
  checkProviders,
  checkProxies,
  checkWhere,
  type Encryption,
  type FindCli,
} from "./machine.ts";
import { checkVendors, skipVendors } from "./vendors.ts";

export interface CheckupOptions {
  /** The environment; without it every file is checked and no vendor is asked. */
  readonly stack: string | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly fetch: Fetch;
  readonly findCli: FindCli;
  readonly nodeVersion: string;
}

/** Looks at everything that a run needs, in the order in which a run needs it. Changes nothing at a vendor. */
export async function checkUp(options: CheckupOptions): Promise<Check[]> {
  const { stack, env } = options;
  const { check: projectCheck, project } = await lookForProject(options.cwd);
  const files = project ? await readFiles(project, options) : [];
  const valid = files.flatMap(({ file }) => file ?? []);
  const [chosen] = valid;
  return [
    checkNode(options.nodeVersion),
    projectCheck,
    ...files.map(({ check }) => check),
    await checkCli(env, options.findCli),
    await checkProviders(env),
    project ? await checkBackend(project, env) : skipped("State backend", "the project has to be found first"),
    await checkPassphrase({ ...env, ...passphraseFile(options) }, await encryptionsOf(project, valid, env)),
    checkWhere(env),
    ...checkProxies(env),
    ...(stack !== undefined && chosen
      ? await checkVendors(chosen.config, options)
      : skipVendors(
          stack === undefined ? "name an environment with --stack" : `Pulumi.${stack}.yaml has to be mended first`,
        )),
  ];
}

async function lookForProject(cwd: string): Promise<{ check: Check; project?: Project }> {
  const name = "Project";
  try {
    const project = await findProject(cwd);
    return { check: passed(name, `${project.name} in ${project.folder}`), project };
  } catch (error) {
    return { check: brokenBy(name, error) };
  }
}

/** Where no file can be read the passphrase is what encrypts. */
async function encryptionsOf(
  project: Project | undefined,
  files: readonly EnvironmentFile[],
  env: CheckupOptions["env"],
): Promise<Encryption[]> {
  if (project === undefined || files.length === 0) return [{ stack: "", provider: undefined, salt: undefined }];
  return Promise.all(files.map((file) => encryptionOf(project, file, env)));
}

async function encryptionOf(
  project: Project,
  { path, secretsProvider: provider, encryptionSalt }: EnvironmentFile,
  env: CheckupOptions["env"],
): Promise<Encryption> {
  const stack = environmentOfFile(basename(path)) ?? "";
  const backendUrl = await resolveBackend(project, env).catch(() => undefined);
  const inState = () =>
    backendUrl === undefined ? undefined : saltInState({ backendUrl, project: project.name, stack });
  return { stack, provider, salt: encryptionSalt ?? (await inState()) };
}

interface CheckedFile {
  readonly check: Check;
  /** Where it is valid. */
  readonly file?: EnvironmentFile;
}

async function readFiles(project: Project, { stack, clock }: CheckupOptions): Promise<CheckedFile[]> {
  const environments = stack === undefined ? await listEnvironments(project) : [stack];
  if (environments.length === 0) {
    const fix = "Make one with `kvshift init --stack <environment>`.";
    return [{ check: broken("Environments", "there is no Pulumi.<environment>.yaml", fix) }];
  }
  return Promise.all(environments.map((environment) => readFile(project, environment, clock)));
}

async function readFile(project: Project, environment: string, clock: Clock): Promise<CheckedFile> {
  const name = `Pulumi.${environment}.yaml`;
  try {
    const file = await readEnvironmentFile(project, environment, clock);
    return { check: passed(name, `valid, ${file.config.kind}`), file };
  } catch (error) {
    return { check: brokenBy(name, error) };
  }
}
