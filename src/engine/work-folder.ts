import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Project } from "./project.ts";

/**
 * A private copy of the project's settings for one run. The CLI rewrites `Pulumi.<environment>.yaml` (layout, numbers
 * as strings, `encryptionsalt`); people's file must stay as they wrote it.
 */
export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
  /** `encryptionsalt` that the CLI wrote into the copy, if any. */
  encryptionSalt(): Promise<string | undefined>;
}

/**
 * Makes a private folder with copies of the settings, which the CLI rewrites; it goes when it is disposed of. `text`:
 * the settings themselves, where they are not in the project's folder.
 */
export async function createWorkFolder(project: Project, environment: string, text?: string): Promise<WorkFolder> {
  const path = await mkdtemp(join(tmpdir(), "kvshift-run-"));
  const settings = `Pulumi.${environment}.yaml`;
  await copyFile(join(project.folder, "Pulumi.yaml"), join(path, "Pulumi.yaml"));
  if (text === undefined) {
    await copyFile(join(project.folder, settings), join(path, settings)).catch(() =>
      writeFile(join(path, settings), ""),
    );
  } else await writeFile(join(path, settings), text);
  return {
    path,
    encryptionSalt: async () => {
      const text = await readFile(join(path, settings), "utf8");
      return /^encryptionsalt:\s*(\S+)\s*$/m.exec(text)?.[1];
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
