import { accessSync, constants } from "node:fs";

import { AppError } from "../core/app-error.ts";

/**
 * Refuses a folder for temporary files in which nothing can be made: the engine, its SDK and the Go compiler would each
 * fail there in words of their own.
 *
 * @throws AppError USAGE
 */
export function requireTemporaryFolder(folder: string): void {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new AppError("USAGE", {
      problem: `Temporary files go to ${folder}, which does not exist or cannot be written.`,
      fix: "Set TMPDIR to a folder that you may write to, or unset it.",
      cause,
    });
  }
}
