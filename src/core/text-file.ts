import { readFile } from "node:fs/promises";

import { AppError } from "./app-error.ts";

/**
 * Reads a text file of people, which has to be UTF-8: another encoding would be read as other words.
 *
 * @throws AppError CONFIG_NOT_YAML with the file and what it seems to be; the error of the file system where it cannot be
 *   read
 */
export async function readTextFile(path: string, name: string): Promise<string> {
  const bytes = await readFile(path);
  const mark = bytes.subarray(0, 2).toString("hex");
  const isUtf16 = mark === "fffe" || mark === "feff" || bytes.subarray(0, 64).includes(0);
  try {
    if (!isUtf16) return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Said below.
  }
  throw new AppError("CONFIG_NOT_YAML", {
    problem: `${name} is not UTF-8${isUtf16 ? ", but looks like UTF-16" : ""}.`,
    details: [path],
    fix: "Save it as UTF-8.",
  });
}
