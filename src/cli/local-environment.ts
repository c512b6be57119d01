import { tmpdir } from "node:os";
import { join } from "node:path";

import type { LocalApplication, LocalCloud } from "../../local-cloud/cloud.ts";
import { createScratch, type Scratch } from "../../local-cloud/scratch.ts";
import { type Seeds, seedsOf } from "../../local-cloud/seeds.ts";
import type { EnvironmentConfig } from "../config/schema.ts";
import { PREVIEW_TEMPLATE } from "../config/formats.ts";
import { BEFORE_ANY_EXPIRY, type Clock } from "../core/clock.ts";
import { previewEnvironment } from "../core/names.ts";
import { systemRandom } from "../core/random.ts";
import { type Project, INSTALLATION, pathExists } from "../engine/project.ts";
import { listEnvironments, readEnvironmentFile } from "../flows/environment/environment-file.ts";
import { readTemplate } from "../flows/pr/template.ts";

/** A local cloud for all environments of a project, with a folder of its own that goes with it. */
export interface LocalEnvironment extends AsyncDisposable {
  readonly cloud: LocalCloud;
  readonly scratch: Scratch;
}

export interface LocalEnvironmentOptions {
  /** How many times faster than at the vendors waits pass; absent: the local cloud's own choice. */
  readonly timeScale?: number | undefined;
  /** A service beside those that the project's files name. */
  readonly further?: FurtherService | undefined;
}

export interface FurtherService {
  /** One whose workspace it is in. */
  readonly beside: string;
  readonly id: string;
  readonly name: string;
  readonly application: LocalApplication;
}

/** Every service that the project's files name runs examples/session-app. */
export async function startLocalEnvironment(
  project: Project,
  clock: Clock,
  { timeScale, further }: LocalEnvironmentOptions = {},
): Promise<LocalEnvironment> {
  // Loaded here: it takes as long to load as a short command takes in all, and most commands do without.
  const { startLocalCloud } = await import("../../local-cloud/cloud.ts");
  const scratch = await createScratch(tmpdir());
  const ownApplication = {
    command: process.execPath,
    args: [join(INSTALLATION, "examples", "session-app", "server.js")],
    cwd: scratch.path,
  };
  try {
    const cloud = await startLocalCloud({
      seeds: withFurther(seedsOf(await readAll(project), await readPreviews(project)), further),
      clock,
      random: systemRandom,
      folder: scratch.path,
      ...(timeScale === undefined ? {} : { timeScale }),
      applicationOf: (id) => (id === further?.id ? further.application : ownApplication),
    });
    return {
      cloud,
      scratch,
      [Symbol.asyncDispose]: async () => {
        await cloud[Symbol.asyncDispose]();
        await scratch[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await scratch[Symbol.asyncDispose]();
    throw error;
  }
}

function withFurther(seeds: Seeds, further: FurtherService | undefined): Seeds {
  const beside = seeds.services.find(({ id }) => id === further?.beside);
  if (further === undefined || beside === undefined) return seeds;
  const { id, name } = further;
  return { ...seeds, services: [...seeds.services, { ...beside, id, name }] };
}

/** What the template of previews says, where there is one. */
async function readPreviews(project: Project): Promise<EnvironmentConfig | undefined> {
  if (!(await pathExists(join(project.folder, PREVIEW_TEMPLATE)))) return undefined;
  return (await readTemplate(project, previewEnvironment(1), BEFORE_ANY_EXPIRY)).config;
}

/** Only ids are taken from the files: a credential that has expired by now is no reason to refuse a local cloud. */
async function readAll(project: Project): Promise<Record<string, EnvironmentConfig>> {
  const names = await listEnvironments(project);
  const entries = await Promise.all(
    names.map(async (name) => [name, (await readEnvironmentFile(project, name, BEFORE_ANY_EXPIRY)).config] as const),
  );
  return Object.fromEntries(entries);
}
