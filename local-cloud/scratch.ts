import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { isAlive } from "../src/processes/is-alive.ts";

const NAME = /^kvshift-local-(\d+)-/;

/** A folder for one run of the local cloud. */
export interface Scratch extends AsyncDisposable {
  readonly path: string;
}

/** Makes a private folder under `parent`, and removes those that killed runs left there. */
export async function createScratch(parent: string, pid = process.pid): Promise<Scratch> {
  const names = await readdir(parent);
  const dead = names.filter((name) => {
    const owner = NAME.exec(name)?.[1];
    return owner !== undefined && !isAlive(Number(owner));
  });
  // Another process may remove the same folder at the same time, and another user's cannot be removed: both may stay.
  await Promise.allSettled(dead.map((name) => rm(join(parent, name), { recursive: true, force: true })));
  const path = await mkdtemp(join(parent, `kvshift-local-${String(pid)}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
