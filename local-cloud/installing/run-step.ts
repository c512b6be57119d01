import { spawnSupervised } from "../../src/processes/spawn-supervised.ts";

const KEPT_LINES = 3;

/** Why a command of an installation failed, with the last lines that it wrote. */
export class StepFailed extends Error {}

/**
 * Runs one command, which ends with this process.
 *
 * @throws StepFailed where it does not end with 0
 */
export async function runStep(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<void> {
  const lastLines: string[] = [];
  const { exited } = spawnSupervised(command, args, {
    ...options,
    onOutput: (line) => {
      lastLines.push(line);
      if (lastLines.length > KEPT_LINES) lastLines.shift();
    },
  });
  const { code, signal } = await exited;
  if (code === 0) return;
  const end = signal ?? String(code);
  throw new StepFailed(`${command} ended with ${end}${lastLines.length === 0 ? "" : `: ${lastLines.join(" / ")}`}`);
}
