import { fileURLToPath } from "node:url";

import { z } from "zod";

import { AppError } from "../../core/app-error.ts";
import { spawnSupervised } from "../../processes/spawn-supervised.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const answerSchema = z.looseObject({ ok: z.boolean() });

export interface KvshiftProcessOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Each line of progress that the command writes. */
  readonly onProgress: (line: string) => void;
}

/** Runs a command of kvshift as a process of its own, as a person would, and returns what `--json` printed. */
export async function runKvshift(
  args: readonly string[],
  options: KvshiftProcessOptions,
): Promise<Record<string, unknown>> {
  const lines: string[] = [];
  const { exited } = spawnSupervised(process.execPath, [MAIN, ...args, "--json"], {
    cwd: options.cwd,
    env: options.env,
    onOutput: (line, stream) => {
      if (stream === "stdout") lines.push(line);
      else options.onProgress(line);
    },
  });
  const { code } = await exited;
  const answer = answerSchema.safeParse(parseLast(lines));
  if (code === 0 && answer.success && answer.data.ok) return answer.data;
  throw new AppError("PROOF_FAILED", {
    problem: `\`kvshift ${args.join(" ")}\` ended with exit code ${String(code)}.`,
    fix: "Its own message is above; mend what it names and run the demo again.",
  });
}

function parseLast(lines: readonly string[]): unknown {
  try {
    return JSON.parse(lines.at(-1) ?? "");
  } catch {
    return undefined;
  }
}
