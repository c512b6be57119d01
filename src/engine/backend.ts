import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { AppError } from "../core/app-error.ts";
import type { Project } from "./project.ts";

const DEFAULT_URL = "file://./state";

/**
 * The absolute URL of the state backend: `PULUMI_BACKEND_URL`, else `backend.url` of the project, else `./state`.
 * A relative `file://` URL counts from the project's folder, wherever the command runs, and `file://~` from the home
 * folder, as for Pulumi; the folder is created.
 */
export async function resolveBackend(
  project: Project,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  // Empty counts as not set, as for Pulumi.
  const written = env["PULUMI_BACKEND_URL"] || (project.backendUrl ?? DEFAULT_URL);
  if (!written.startsWith("file://")) return written;
  const path = written.slice("file://".length).replace(/^~(?=\/|$)/, env["HOME"] ?? homedir());
  const folder = written.startsWith("file:///") ? fileURLToPath(written) : resolve(project.folder, path);
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new AppError("BACKEND_INVALID", {
      problem: `The folder of the state backend ${written} cannot be created.`,
      details: [folder],
      fix: "Name a folder that you may write to in `backend.url` of Pulumi.yaml or in PULUMI_BACKEND_URL.",
      cause,
    });
  }
  return pathToFileURL(folder).href;
}

/** The folder of a `file://` backend, `undefined` for any other. */
export function backendFolder(url: string): string | undefined {
  return url.startsWith("file://") ? fileURLToPath(url) : undefined;
}
