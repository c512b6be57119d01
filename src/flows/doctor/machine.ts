import { access, constants, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import { parse, type SemVer } from "semver";

import { backendFolder, resolveBackend } from "../../engine/backend.ts";
import type { Project } from "../../engine/project.ts";
import { fitsSalt } from "../../engine/passphrase.ts";
import { chooseProviders, isLocalCloud, LEAVE_LOCAL_CLOUD } from "../../engine/providers.ts";
import { cacheFolder, cliRoot } from "../../engine/pulumi-cli/cache-folder.ts";
import { askVersion } from "../../engine/pulumi-cli/run-cli.ts";
import { BUILT_VERSION, isUsable } from "../../engine/pulumi-cli/versions.ts";
import { requirePassphrase } from "../../engine/vendor-environment.ts";
import { exceptionsIn, proxiesIn } from "../../processes/proxy.ts";
import { broken, brokenBy, type Check, passed, skipped } from "./check.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The version of the Pulumi CLI `executable`; `undefined` where there is none, or none that runs. */
export type FindCli = (executable: string) => Promise<SemVer | undefined>;

export const findCli: FindCli = async (executable) => {
  const answer = await askVersion(executable).catch(() => "");
  return parse(answer.trim()) ?? undefined;
};

const NODE_MAJOR = "24";

/** Whether this Node.js runs kvshift. `version`: `24.1.0`. */
export function checkNode(version: string): Check {
  const name = "Node.js";
  if (version.split(".")[0] === NODE_MAJOR) return passed(name, version);
  return broken(name, version, `Use Node.js ${NODE_MAJOR}; in a checkout \`npm ci\` brings it along.`);
}

/** Installs and builds nothing: where there is no CLI, the first `up` does. */
export async function checkCli(env: Env, find: FindCli): Promise<Check> {
  const name = "Pulumi CLI";
  const onPath = await find("pulumi");
  const found = onPath ? `${onPath.version} on PATH is too old` : "none yet";
  if (onPath && isUsable(onPath)) return passed(name, `${onPath.version} on PATH`);
  const cached = await find(join(cliRoot(cacheFolder(env), BUILT_VERSION.version), "bin", "pulumi"));
  if (cached) return passed(name, `${cached.version} in the per-user cache`);
  const note =
    "The first `up` installs it, or builds it in four to five minutes where Pulumi's installer is unreachable.";
  return passed(name, found, note);
}

/** Which provider plugins a run would take. */
export async function checkProviders(env: Env): Promise<Check> {
  const name = "Provider plugins";
  try {
    return passed(name, await chooseProviders(env));
  } catch (error) {
    return brokenBy(name, error);
  }
}

/** Only `file://` is looked at; the URL of another backend is not shown, it may hold a password. */
export async function checkBackend(project: Project, env: Env): Promise<Check> {
  const name = "State backend";
  let url: string;
  try {
    url = await resolveBackend(project, env);
  } catch (error) {
    return brokenBy(name, error);
  }
  const folder = backendFolder(url);
  if (folder === undefined) return skipped(name, `${url.split(":")[0] ?? ""}: is not looked at`);
  return access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () =>
      isBelow(folder, tmpdir())
        ? passed(name, folder, "It is a temporary folder: what the state knows is lost with it.")
        : passed(name, folder),
    () =>
      broken(name, `${folder} cannot be written`, "Make the folder writable, or name another in PULUMI_BACKEND_URL."),
  );
}

/** How an environment encrypts its secrets. */
export interface Encryption {
  readonly stack: string;
  /** `undefined` is the passphrase. */
  readonly provider: string | undefined;
  /** Of its file, or its state; absent before the first `up`. */
  readonly salt: string | undefined;
}

/** Whether there is a passphrase, and fits each environment whose salt can be seen. */
export async function checkPassphrase(env: Env, environments: readonly Encryption[]): Promise<Check> {
  const name = "Passphrase";
  try {
    for (const { provider } of environments) requirePassphrase(env, provider);
  } catch (error) {
    return brokenBy(name, error);
  }
  const encrypted = environments.filter(({ provider }) => provider === undefined || provider === "passphrase");
  if (encrypted.length === 0) return passed(name, "not needed: a key service encrypts");
  const passphrase = await readPassphrase(env);
  if (typeof passphrase !== "string") return passphrase;
  const others: string[] = [];
  for (const { stack, salt } of encrypted) {
    if (salt !== undefined && (await fitsSalt(passphrase, salt)) === false) others.push(stack);
  }
  if (others.length > 0) {
    const fix = "Export the passphrase that the stack was created with in PULUMI_CONFIG_PASSPHRASE.";
    return broken(name, `it is not that of ${others.join(", ")}`, fix);
  }
  const seen = encrypted.filter(({ salt }) => salt !== undefined).map(({ stack }) => stack);
  return passed(name, seen.length === 0 ? "set" : `set, and that of ${seen.join(", ")}`);
}

async function readPassphrase(env: Env): Promise<string | Check> {
  const { PULUMI_CONFIG_PASSPHRASE: passphrase, PULUMI_CONFIG_PASSPHRASE_FILE: file } = env;
  if (passphrase !== undefined || file === undefined) return passphrase ?? "";
  return readFile(file, "utf8").then(
    (text) => text.trim(),
    () => broken("Passphrase", `${file} cannot be read`, "Correct PULUMI_CONFIG_PASSPHRASE_FILE."),
  );
}

/** Through which proxies the vendors are reached, and what is reached without; nothing where there is none. */
export function checkProxies(env: Env): Check[] {
  const proxies = proxiesIn(env);
  if (proxies.length === 0) return [];
  const name = "Proxies";
  const shown = proxies.map(({ variable, address = "no URL" }) => `${variable} ${address}`).join(", ");
  return [passed(name, `${shown}; not for ${exceptionsIn(env).join(", ")}`)];
}

/** Who is at the other end: everything looks the same on a local cloud, and nothing of it is real. */
export function checkWhere(env: Env): Check {
  const name = "Vendors";
  return isLocalCloud(env)
    ? passed(name, "a local cloud on this machine", `Nothing is made at Cloudflare or Render. ${LEAVE_LOCAL_CLOUD}`)
    : passed(name, "Cloudflare and Render");
}

function isBelow(folder: string, parent: string): boolean {
  const path = relative(parent, folder);
  return path !== "" && !path.startsWith("..");
}
