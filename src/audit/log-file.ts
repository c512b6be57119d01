import { mkdir, open, readFile, truncate } from "node:fs/promises";
import { dirname } from "node:path";

import { AppError } from "../core/app-error.ts";

/**
 * The text of a log; empty where there is none yet.
 *
 * @throws AppError AUDIT_BROKEN where it cannot be read
 */
export async function readLog(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "";
    throw inaccessible(path, "read", error);
  }
}

/** Takes back what was appended last and nobody else knows of: the log is `bytes` long again. */
export async function takeBack(path: string, bytes: number): Promise<void> {
  await truncate(path, bytes);
}

/**
 * Appends text and returns when it is on the disk, with the length that the log had before.
 *
 * @throws AppError AUDIT_BROKEN where it cannot be written
 */
export async function appendToLog(path: string, text: string): Promise<{ readonly bytesBefore: number }> {
  try {
    return await append(path, text);
  } catch (error) {
    throw inaccessible(path, "written", error);
  }
}

async function append(path: string, text: string): Promise<{ readonly bytesBefore: number }> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, "a");
  try {
    const { size: bytesBefore } = await file.stat();
    await file.writeFile(text);
    await file.sync();
    return { bytesBefore };
  } finally {
    await file.close();
  }
}

function inaccessible(path: string, what: "read" | "written", error: unknown): AppError {
  return new AppError("AUDIT_BROKEN", {
    problem: `The audit log cannot be ${what} (${codeOf(error) ?? "unknown error"}): what cannot be recorded is not done.`,
    details: [path],
    fix: "Give this user the right to it, or name another place with kvshift:audit.file.",
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
