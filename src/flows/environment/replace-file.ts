import { readFile } from "node:fs/promises";

import writeFileAtomic from "write-file-atomic";

/**
 * Writes a text file whole, unless it holds something else than what the new text was made of: then somebody else wrote
 * it meanwhile, and nothing is done. Returns whether it holds the new text now.
 */
export async function replaceFile(path: string, before: string, after: string): Promise<boolean> {
  if ((await readFile(path, "utf8")) !== before) return false;
  if (before !== after) await writeFileAtomic(path, after);
  return true;
}
