import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";

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
