import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { parsedJsonObject } from "../src/core/json-object.ts";
import {
  fateOf,
  identityOf,
  isOnLocalDisk,
  type Machine,
  processIdentitySchema,
  thisMachine,
} from "../src/processes/machine.ts";

const NAME = /^kvshift-local-\d+-/;
const OWNER = "owner.json";

/** A folder for one run of the local cloud. */
export interface Scratch extends AsyncDisposable {
  readonly path: string;
}

/** Makes a private folder under `parent`, and removes those that killed runs left there: containers may share it. */
export async function createScratch(parent: string, machine: Machine = thisMachine()): Promise<Scratch> {
  const names = (await readdir(parent)).filter((name) => NAME.test(name));
  const onLocalDisk = isOnLocalDisk(parent);
  const left = await Promise.all(
    names.map(async (name) => {
      // None yet, or gone.
      const text = await readFile(join(parent, name, OWNER), "utf8").catch(() => "");
      const owner = processIdentitySchema.safeParse(parsedJsonObject(text)).data;
      return owner !== undefined && fateOf(owner, machine, onLocalDisk) === "ended" ? [join(parent, name)] : [];
    }),
  );
  // Another process may remove the same folder at the same time, and another user's cannot be removed: both may stay.
  await Promise.allSettled(left.flat().map((path) => rm(path, { recursive: true, force: true })));
  const path = await mkdtemp(join(parent, `kvshift-local-${String(process.pid)}-`));
  await writeFile(join(path, OWNER), JSON.stringify(identityOf(machine)));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
