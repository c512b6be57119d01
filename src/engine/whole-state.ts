import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { AppError } from "../core/app-error.ts";
import { shellWord } from "../core/shell.ts";
import { backendFolder } from "./backend.ts";
import type { LockedStack } from "./holds.ts";

/** As a `file://` backend writes a stack; compressed under `PULUMI_DIY_BACKEND_GZIP`. */
const FORMS: readonly { readonly ending: string; readonly textOf: (bytes: Buffer) => string }[] = [
  { ending: ".json", textOf: (bytes) => bytes.toString() },
  { ending: ".json.gz", textOf: (bytes) => gunzipSync(bytes).toString() },
];

/**
 * Refuses a state file that is empty or torn, as a full disk or a lost power leaves it: the engine says no more than
 * "EOF". Of other backends nothing is looked at.
 *
 * @throws AppError STATE_DAMAGED with the file, and the backup that Pulumi keeps beside it
 */
export async function requireWholeState({ backendUrl, project, stack }: LockedStack): Promise<void> {
  const root = backendFolder(backendUrl);
  if (root === undefined) return;
  for (const { ending, textOf } of FORMS) {
    const path = join(root, ".pulumi", "stacks", project, `${stack}${ending}`);
    const found = await stateOf(path, textOf);
    if (found !== "damaged") continue;
    const backup = `${path}.bak`;
    const isWhole = (await stateOf(backup, textOf)) === "whole";
    throw new AppError("STATE_DAMAGED", {
      problem: `The state file of ${stack} is empty or torn: the engine could not read it.`,
      details: [path, isWhole ? `whole, from before the last change: ${backup}` : `no whole backup: ${backup}`],
      fix: isWhole
        ? `Put the backup in its place (cp ${shellWord(backup)} ${shellWord(path)}), then run \`kvshift preview --stack ${stack}\`: it finds what the last change made.`
        : `Bring the file back from a backup of yours, or from the newest checkpoint below ${join(root, ".pulumi", "history", project, stack)}.`,
    });
  }
}

async function stateOf(path: string, textOf: (bytes: Buffer) => string): Promise<"absent" | "whole" | "damaged"> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return "absent";
  try {
    JSON.parse(textOf(bytes));
    return "whole";
  } catch {
    return "damaged";
  }
}
