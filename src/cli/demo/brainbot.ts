import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { LocalApplication } from "../../../local-cloud/cloud.ts";
import { findPython } from "../../../local-cloud/python/find-python.ts";
import { requirementsIn } from "../../../local-cloud/python/requirements.ts";
import { environmentOf } from "../../../local-cloud/python/virtual-environment.ts";
import { StepFailed } from "../../../local-cloud/installing/run-step.ts";
import { INSTALLATION } from "../../engine/project.ts";
import { machineOf } from "./python-machine.ts";

const FOLDER = join(INSTALLATION, "examples", "brainbot", "after");
const LIBRARY = join(INSTALLATION, "python", "kvshift-kv");
/** As its render.yaml starts it, but for this machine alone. `$0` is the interpreter; nothing is written beside the sources. */
const START =
  'exec "$0" -B -m uvicorn --app-dir src --factory brainbot.main:application --host 127.0.0.1 --port "$PORT" --no-access-log';

/** Why examples/brainbot cannot run on this machine. */
export interface NotHere {
  readonly missing: string;
}

/** What examples/brainbot/after requires, installed once in the per-user cache, and how it is started. */
export async function installBrainbot(env: NodeJS.ProcessEnv): Promise<LocalApplication | NotHere> {
  const python = findPython(env);
  if (python === undefined) return { missing: "there is no Python from 3.10 to 3.14 with venv, on PATH or of pyenv" };
  const requirements = requirementsIn(await readFile(join(FOLDER, "requirements.txt"), "utf8"));
  try {
    const interpreter = await environmentOf(python, { requirements, source: LIBRARY }, machineOf(env));
    return { command: "/bin/sh", args: ["-c", START, interpreter], cwd: FOLDER };
  } catch (error) {
    if (error instanceof StepFailed) return { missing: `its packages could not be installed: ${error.message}` };
    throw error;
  }
}
