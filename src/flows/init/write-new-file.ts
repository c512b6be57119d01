import { writeFile } from "node:fs/promises";

import { AppError } from "../../core/app-error.ts";

/**
 * Writes a file that does not exist; the file system itself refuses to overwrite one.
 *
 * @throws AppError ENVIRONMENT_EXISTS where it exists
 * @throws AppError USAGE where it cannot be written
 */
export async function writeNewFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx" });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    if (code === "EEXIST") throw fileExists(path);
    throw new AppError("USAGE", {
      problem: `${path} cannot be written (${code}).`,
      fix: "Name a folder that you may write to with --cwd.",
      cause: error,
    });
  }
}

/** The error of a file that is there already: nothing is overwritten. */
export function fileExists(path: string): AppError {
  return new AppError("ENVIRONMENT_EXISTS", {
    problem: `${path} exists already; nothing is overwritten.`,
    fix: "Choose another name with --stack, edit the file, or move it away first.",
  });
}
