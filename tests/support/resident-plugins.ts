import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { PLUGINS } from "../../local-cloud/plugins/versions.ts";

const FOLDER = new URL("../../local-cloud/plugins/", import.meta.url);
const WATCH_PARENT = new URL("../../src/processes/watch-parent.ts", import.meta.url);

export interface ResidentPlugins extends Disposable {
  /** What tells the engine to use them instead of starting its own. */
  readonly env: { readonly PULUMI_DEBUG_PROVIDERS: string };
}

/**
 * The plugins of the local cloud, started once for all runs of a test: each run of the engine would start the three
 * anew, twice for one `up`, which takes a third of its time. That the engine finds and starts them itself is tested
 * where a stage asks for it. https://www.pulumi.com/docs/iac/cli/environment-variables/
 */
export async function startResidentPlugins(env: Readonly<Record<string, string>>): Promise<ResidentPlugins> {
  const started = Object.values(PLUGINS).map(({ name, entry }) => {
    const words = ["--import", WATCH_PARENT.href, fileURLToPath(new URL(entry, FOLDER))];
    return { name, child: spawn(process.execPath, words, { env, stdio: ["ignore", "pipe", "inherit"] }) };
  });
  const stop = (): void => {
    for (const { child } of started) child.kill("SIGKILL");
  };
  try {
    const places = await Promise.all(started.map(async ({ name, child }) => `${name}:${await portOf(name, child)}`));
    return { env: { PULUMI_DEBUG_PROVIDERS: places.join(",") }, [Symbol.dispose]: stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/** A plugin says first where it listens. */
async function portOf(name: string, { stdout }: ChildProcess): Promise<string> {
  if (stdout !== null) for await (const line of createInterface(stdout)) return line;
  throw new Error(`the plugin ${name} has ended before it listened`);
}
