import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** An interpreter that can make virtual environments. */
export interface Python {
  readonly path: string;
  /** `3.12` */
  readonly version: string;
}

const NEWEST_MINOR = 14;
const OLDEST_MINOR = 10;
/** Debian's python3 comes without what a virtual environment needs. */
const PROBE = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])";

/** The newest Python from 3.10 on, on PATH or of pyenv; `undefined` where there is none. */
export function findPython(env: NodeJS.ProcessEnv): Python | undefined {
  const names = Array.from(
    { length: NEWEST_MINOR - OLDEST_MINOR + 1 },
    (_, index) => `python3.${NEWEST_MINOR - index}`,
  );
  const candidates = [...names, "python3", ...ofPyenv(env)].flatMap((path) => probed(path, env));
  return candidates.toSorted((a, b) => minorOf(b) - minorOf(a))[0];
}

function ofPyenv(env: NodeJS.ProcessEnv): string[] {
  const root = env["PYENV_ROOT"] ?? join(env["HOME"] ?? homedir(), ".pyenv");
  return globSync("versions/3.*/bin/python3", { cwd: root }).map((path) => join(root, path));
}

function probed(path: string, env: NodeJS.ProcessEnv): Python[] {
  const { status, stdout } = spawnSync(path, ["-c", PROBE], { encoding: "utf8", env });
  if (status !== 0) return [];
  const found = { path, version: stdout.trim() };
  return minorOf(found) >= OLDEST_MINOR && minorOf(found) <= NEWEST_MINOR ? [found] : [];
}

function minorOf({ version }: Python): number {
  const [major, minor] = version.split(".").map(Number);
  return major === 3 ? (minor ?? 0) : 0;
}
