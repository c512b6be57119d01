import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { parseDocument } from "yaml";

import type { Project } from "../../engine/project.ts";

/** A copy of the project's settings, so that the demo never edits tracked files. Returns its folder. */
export async function createOverlay(
  project: Project,
  parent: string,
  environments: readonly string[],
): Promise<string> {
  const folder = join(parent, "project");
  await mkdir(folder);
  const files = ["Pulumi.yaml", ...environments.map((name) => `Pulumi.${name}.yaml`)];
  await Promise.all(files.map((file) => copyFile(join(project.folder, file), join(folder, file))));
  return folder;
}

/** Names a further service in an environment's file, as a person would. */
export async function addService(folder: string, environment: string, serviceId: string): Promise<void> {
  const file = join(folder, `Pulumi.${environment}.yaml`);
  const document = parseDocument(await readFile(file, "utf8"));
  document.addIn(["config", "kvshift:render", "services"], serviceId);
  await writeFile(file, document.toString());
}
