import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { PLUGINS } from "./versions.ts";

export interface InstallPluginsOptions {
  /** Absolute path of Node.js 24: the plugins are TypeScript and run as they are. */
  readonly node: string;
  /** Where files are written; by default this machine's. */
  readonly files?: PluginFiles;
}

export interface PluginFiles {
  mkdir(path: string, options: { readonly recursive: true }): Promise<unknown>;
  writeFile(path: string, content: string, options: { readonly mode: number }): Promise<void>;
  rename(from: string, to: string): Promise<void>;
}

const WATCH_PARENT = new URL("../../src/processes/watch-parent.ts", import.meta.url);
const EXECUTABLE = 0o755;

/** Puts the plugins of the local cloud where the engine looks first: `$PULUMI_HOME/plugins/resource-<name>-v<version>`. */
export async function installPlugins(pulumiHome: string, options: InstallPluginsOptions): Promise<void> {
  const files = options.files ?? { mkdir, writeFile, rename };
  for (const { name, version, entry } of Object.values(PLUGINS)) {
    const folder = join(pulumiHome, "plugins", `resource-${name}-v${version}`);
    const program = join(folder, `pulumi-resource-${name}`);
    await files.mkdir(folder, { recursive: true });
    // Written aside and renamed: another run may start the plugin at this moment.
    const draft = `${program}.${String(process.pid)}.draft`;
    await files.writeFile(draft, launcher(options.node, new URL(entry, import.meta.url)), { mode: EXECUTABLE });
    await files.rename(draft, program);
  }
}

/** Variables of Node.js that could load other code into the plugin or send its calls through a proxy. */
const CLEARED = ["NODE_OPTIONS", "NODE_USE_ENV_PROXY"];

function launcher(node: string, entry: URL): string {
  const words = [node, "--import", WATCH_PARENT.href, fileURLToPath(entry)];
  return `#!/bin/sh\nunset ${CLEARED.join(" ")}\nexec ${words.map(quote).join(" ")} "$@"\n`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
