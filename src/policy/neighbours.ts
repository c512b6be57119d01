import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { environmentFileName, environmentOfFile, PREVIEW_NAME } from "../config/formats.ts";
import { environmentSchema } from "../config/schema.ts";
import { parseYaml } from "../config/yaml-syntax.ts";
import { AppError } from "../core/app-error.ts";
import type { Neighbour, Neighbours, UnreadableNeighbour } from "./model.ts";

const { app, kind, access, cloudflare, render } = environmentSchema.shape;

/** Only what rules need of a neighbour: its credentials may have expired. */
const neighbourFile = z.object({
  config: z.object({
    "kvshift:app": app,
    "kvshift:kind": kind,
    "kvshift:access": access,
    "kvshift:cloudflare": z.object({ accountId: cloudflare.shape.accountId }),
    "kvshift:render": z.object({
      services: render.shape.services,
      environmentId: render.shape.environmentId,
    }),
  }),
});

/** Every environment that has a file, by name: what the file says, or why it cannot be read. */
export type EnvironmentFiles = ReadonlyMap<string, Neighbour | UnreadableNeighbour>;

/**
 * Reads the files `Pulumi.<environment>.yaml` of a project's folder. Synchronous, because Pulumi loads a pack without
 * waiting for promises of its module. Never throws: what cannot be read is said by the rules that need it.
 */
export function readEnvironmentFiles(folder: string): EnvironmentFiles {
  const names = listEnvironments(folder);
  return new Map(names.map((environment) => [environment, readEnvironmentFile(folder, environment)]));
}

/** The other environments of the project, as `environment` sees them. Previews need no file: they have a template. */
export function neighboursOf(environment: string, files: EnvironmentFiles): Neighbours {
  if (!files.has(environment) && !PREVIEW_NAME.test(environment)) {
    const problem = "it is not in the folder that the policy pack takes for the project's";
    return { known: [], unreadable: [{ file: environmentFileName(environment), problem }] };
  }
  const others = [...files].flatMap(([name, file]) => (name === environment ? [] : [file]));
  return {
    known: others.filter((other): other is Neighbour => !isUnreadable(other)),
    unreadable: others.filter(isUnreadable),
  };
}

function listEnvironments(folder: string): readonly string[] {
  try {
    return readdirSync(folder).flatMap((name) => environmentOfFile(name) ?? []);
  } catch {
    return [];
  }
}

function readEnvironmentFile(folder: string, environment: string): Neighbour | UnreadableNeighbour {
  const file = environmentFileName(environment);
  try {
    const { document } = parseYaml(readFileSync(join(folder, file), "utf8"), file);
    const { success, data, error } = neighbourFile.safeParse(document.toJS());
    if (success) return asNeighbour(environment, data.config);
    const keys = [...new Set(error.issues.map(({ path }) => path.join(".")))].join(", ");
    return { file, problem: `missing or not understood: ${keys}` };
  } catch (error) {
    // The text of another error may quote the file.
    return { file, problem: error instanceof AppError ? "it is not valid YAML" : "it cannot be opened or read" };
  }
}

function asNeighbour(environment: string, config: z.infer<typeof neighbourFile>["config"]): Neighbour {
  const { services, environmentId } = config["kvshift:render"];
  return {
    environment,
    app: config["kvshift:app"],
    kind: config["kvshift:kind"],
    access: config["kvshift:access"],
    accountId: config["kvshift:cloudflare"].accountId,
    services,
    renderEnvironmentId: environmentId,
  };
}

function isUnreadable(neighbour: Neighbour | UnreadableNeighbour): neighbour is UnreadableNeighbour {
  return "problem" in neighbour;
}
