import { mkdir, open, readFile, truncate } from "node:fs/promises";
import { dirname } from "node:path";

/** The text of a log; empty where there is none yet. */
export async function readLog(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

/** Takes back what was appended last and nobody else knows of: the log is `bytes` long again. */
export async function takeBack(path: string, bytes: number): Promise<void> {
  await truncate(path, bytes);
}

/** Appends text and returns when it is on the disk, with the length that the log had before. */
export async function appendToLog(path: string, text: string): Promise<{ readonly bytesBefore: number }> {
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
