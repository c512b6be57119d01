import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { z } from "zod";

const SCRIPT = fileURLToPath(new URL("../brainbot-stage.ts", import.meta.url));
const variablesSchema = z.record(z.string(), z.string());

/** What an example runs on, as a process: tests that block this one do not block it. */
export interface Stage extends AsyncDisposable {
  /** Of the application. */
  readonly variables: Readonly<Record<string, string>>;
}

/** @throws Error where it ends before it is ready; what it wrote was shown */
export async function startStage(name: string): Promise<Stage> {
  const child = spawn(process.execPath, [SCRIPT, name], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "close");
  const [line]: unknown[] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended]);
  if (typeof line !== "string") throw new Error(`What ${name} runs on did not start.`);
  return {
    variables: variablesSchema.parse(JSON.parse(line)),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
