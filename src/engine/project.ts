import { readFileSync } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { parse } from "yaml";
import { z } from "zod";

import { AppError } from "../core/app-error.ts";

const projectSchema = z.object({
  name: z.string().min(1),
  backend: z.object({ url: z.string().min(1) }).optional(),
});

/** A Pulumi project on disk. */
export interface Project {
  readonly folder: string;
  readonly name: string;
  /** `backend.url` of `Pulumi.yaml`, as written. */
  readonly backendUrl: string | undefined;
}

/**
 * The project of `start` or of the nearest folder above it that has a `Pulumi.yaml`.
 *
 * @throws AppError PROJECT_NOT_FOUND where no folder has one
 * @throws AppError CONFIG_NOT_YAML where the nearest one cannot be read, or is no project file
 */
export async function findProject(start: string): Promise<Project> {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    const file = join(folder, "Pulumi.yaml");
    if (await pathExists(file)) return readProject(folder, file);
    if (folder === dirname(folder)) {
      throw new AppError("PROJECT_NOT_FOUND", {
        problem: `There is no Pulumi.yaml in ${start} or above it.`,
        fix: "Run kvshift in the folder of a project, name it with --cwd <folder>, or begin one with `kvshift init`.",
      });
    }
  }
}

async function readProject(folder: string, file: string): Promise<Project> {
  let content: unknown;
  try {
    content = parse(await readFile(file, "utf8"));
  } catch (error) {
    throw invalid(file, error instanceof Error ? error.message : "unreadable", error);
  }
  const parsed = projectSchema.safeParse(content);
  if (!parsed.success) throw invalid(file, z.prettifyError(parsed.error), parsed.error);
  return { folder, name: parsed.data.name, backendUrl: parsed.data.backend?.url };
}

function invalid(file: string, detail: string, cause: unknown): AppError {
  return new AppError("CONFIG_NOT_YAML", {
    problem: `${file} is not a Pulumi project file.`,
    details: detail.split("\n"),
    fix: "It needs at least `name` and `runtime`: https://www.pulumi.com/docs/iac/concepts/projects/project-file/",
    cause,
  });
}

/** Whether there is a file or folder at a path, readable or not. */
export async function pathExists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The folder of kvshift itself, wherever the command runs. */
export const INSTALLATION = fileURLToPath(new URL("../../", import.meta.url));

/** The version of kvshift itself. */
export function installedVersion(): string {
  const text = readFileSync(join(INSTALLATION, "package.json"), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
