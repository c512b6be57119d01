import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** The per-user folder that outlives checkouts: the Pulumi CLI is built into it once. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>, platform = process.platform): string {
  if (env["KVSHIFT_CACHE_DIR"]) return resolve(env["KVSHIFT_CACHE_DIR"]);
  const xdg = env["XDG_CACHE_HOME"];
  // A relative one is to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/#variables
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, "kvshift");
  const home = env["HOME"] ?? homedir();
  return platform === "darwin" ? join(home, "Library", "Caches", "kvshift") : join(home, ".cache", "kvshift");
}

/** Where the CLI of `version` is or will be: a folder that holds `bin/pulumi`. */
export function cliRoot(cache: string, version: string): string {
  return join(cache, "pulumi", `v${version}`);
}
