import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";

import writeFileAtomic from "write-file-atomic";
import { z } from "zod";

import { parsedJsonObject } from "../core/json-object.ts";
import {
  type Fate,
  fateOf,
  identityOf,
  type Machine,
  type ProcessIdentity,
  processIdentitySchema,
} from "../processes/machine.ts";
import { type CiRun, ciRunSchema } from "./ci-run.ts";

export interface LockedStack {
  readonly backendUrl: string;
  readonly project: string;
  readonly stack: string;
}

/** A run of kvshift that is at work on a stack, as it says of itself beside Pulumi's locks. */
export interface Hold {
  readonly id: string;
  readonly process: ProcessIdentity;
  readonly user: string;
  /** RFC 3339, by the machine's clock. */
  readonly since: string;
  /** Absent: not in CI. */
  readonly ci?: CiRun | undefined;
  readonly fate: Fate;
  readonly path: string;
}

type Stack = Pick<LockedStack, "project" | "stack">;

const holdSchema = z.object({
  process: processIdentitySchema,
  user: z.string(),
  since: z.string(),
  ci: ciRunSchema.optional(),
});

/** Says that this process is at work on a stack, until the hold is removed. `now`: milliseconds since the epoch. */
export async function writeHold(
  root: string,
  stack: Stack,
  machine: Machine,
  id: string,
  now: number,
  ci?: CiRun,
): Promise<string> {
  const folder = folderOf(root, stack);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${id}.json`);
  const hold = { process: identityOf(machine), user: userName(), since: new Date(now).toISOString(), ci };
  await writeFileAtomic(path, `${JSON.stringify(hold)}\n`);
  return path;
}

/** A hold that is torn, or that another version of kvshift wrote in another form: nothing is known of its run. */
export type UnreadableHold = Pick<Hold, "id" | "path">;

/** All holds of a stack, with what became of their processes. */
export async function readHolds(
  root: string,
  stack: Stack,
  machine: Machine,
  onLocalDisk: boolean,
): Promise<(Hold | UnreadableHold)[]> {
  const folder = folderOf(root, stack);
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => name.endsWith(".json"));
  const holds = await Promise.all(
    names.map(async (name): Promise<(Hold | UnreadableHold)[]> => {
      const path = join(folder, name);
      const id = name.slice(0, -".json".length);
      const text = await readFile(path, "utf8").catch(() => undefined);
      if (text === undefined) return []; // Gone by now.
      const read = holdSchema.safeParse(parsedJsonObject(text)).data;
      if (read === undefined) return [{ id, path }];
      return [{ ...read, id, path, fate: fateOf(read.process, machine, onLocalDisk) }];
    }),
  );
  return holds.flat();
}

/** Says that its run has ended. */
export async function removeHold(path: string): Promise<void> {
  await rm(path, { force: true });
}

function folderOf(root: string, { project, stack }: Stack): string {
  return join(root, ".kvshift", "holds", project, stack);
}

/** A container may run under an id that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "somebody";
  }
}
