import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { AppError } from "../core/app-error.ts";
import type { Project } from "./project.ts";

const DEFAULT_URL = "file://./state";

/**
 * The absolute URL of the state backend: `PULUMI_BACKEND_URL`, else `backend.url` of the project, else `./state`.
 * A relative `file://` URL counts from the project's folder, wherever the command runs, and `file://~` from the home
 * folder, as for Pulumi; the folder is created.
 *
 * @throws AppError BACKEND_INVALID where the folder cannot be created
 */
export async function resolveBackend(
  project: Project,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  // Empty counts as not set, as for Pulumi.
  const written = env["PULUMI_BACKEND_URL"] || (project.backendUrl ?? DEFAULT_URL);
  if (!written.startsWith("file://")) {
    requireKnownBackend(written);
    return written;
  }
  const [location = "", query = ""] = written.split("?", 2);
  const path = location.slice("file://".length).replace(/^~(?=\/|$)/, env["HOME"] ?? homedir());
  const folder = location.startsWith("file:///") ? folderOf(location) : resolve(project.folder, path);
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
  const url = pathToFileURL(folder);
  url.search = query;
  if (!url.searchParams.has("metadata")) url.searchParams.set("metadata", "skip");
  return url.href;
}

function folderOf(location: string): string {
  try {
    return fileURLToPath(location);
  } catch (cause) {
    throw new AppError("BACKEND_INVALID", {
      problem: `${location} is no URL of a folder.`,
      fix: "Escape what a URL cannot hold: a percent sign is %25, a blank %20.",
      cause,
    });
  }
}

/**
 * Removes from a `file://` backend the attribute files that a killed run left empty: Pulumi can read no file beside
 * which one stands, and needs none of them.
 */
export async function removeTornAttributes(url: string): Promise<void> {
  const root = backendFolder(url);
  if (root === undefined) return;
  const entries = await readdir(join(root, ".pulumi"), { recursive: true }).catch((): string[] => []);
  for (const name of entries.filter((entry) => entry.endsWith(".attrs"))) {
    const path = join(root, ".pulumi", name);
    const { size } = await stat(path).catch(() => ({ size: undefined })); // Gone, or not ours to see.
    if (size === 0) await rm(path, { force: true });
  }
}

/** What Pulumi stores state in: https://www.pulumi.com/docs/iac/concepts/state-and-backends/ */
const KNOWN_BACKENDS = ["https://", "http://", "s3://", "gs://", "azblob://", "postgres://"] as const;

/** The URL is not shown: it may hold a password. */
function requireKnownBackend(url: string): void {
  if (KNOWN_BACKENDS.some((scheme) => url.startsWith(scheme))) return;
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0] ?? "no scheme";
  throw new AppError("BACKEND_INVALID", {
    problem: `Pulumi has no state backend of ${scheme}`,
    fix: `Name one of file://, ${KNOWN_BACKENDS.join(", ")} in PULUMI_BACKEND_URL or in \`backend.url\` of Pulumi.yaml.`,
  });
}

/** The folder of a `file://` backend, `undefined` for any other. */
export function backendFolder(url: string): string | undefined {
  return url.startsWith("file://") ? fileURLToPath(url) : undefined;
}
