import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { isLoopback } from "../config/formats.ts";
import { AppError } from "../core/app-error.ts";

type Env = Readonly<Record<string, string | undefined>>;

export type ProviderChoice = "official" | "local";

/** Plugins that the program needs, as Pulumi names their folders. */
const OFFICIAL_PLUGINS = [
  "resource-cloudflare-v6.22.1",
  "resource-terraform-provider-v1.1.3",
  "resource-random-v4.21.2",
];

/** Whether both vendors are emulators on this machine. Provider plugins of the local cloud go nowhere else. */
export function isLocalCloud(env: Env): boolean {
  return isLoopback(env["CLOUDFLARE_BASE_URL"]) && isLoopback(env["RENDER_HOST"]);
}

/** The variables that `kvshift local up` prints, and how a terminal gets rid of them. */
export const LEAVE_LOCAL_CLOUD =
  "To leave it, go on in a new terminal, or: unset CLOUDFLARE_BASE_URL CLOUDFLARE_API_TOKEN RENDER_HOST RENDER_API_KEY RENDER_OWNER_ID KVSHIFT_LOCAL_WORKERS_URL KVSHIFT_TIME_SCALE PULUMI_BACKEND_URL PULUMI_CONFIG_PASSPHRASE";

/**
 * Which provider plugins run: `KVSHIFT_PROVIDERS=official|local|auto`. `auto` takes the official ones, except on the
 * local cloud where they are not installed: there the project's own stand in, so that no internet is needed.
 *
 * @throws AppError PROVIDERS_INVALID where it has another value, or is `local` while a vendor is not on this machine
 */
export async function chooseProviders(env: Env): Promise<ProviderChoice> {
  const wanted = env["KVSHIFT_PROVIDERS"] ?? "auto";
  if (wanted === "official") return "official";
  if (wanted === "local") {
    if (isLocalCloud(env)) return "local";
    throw new AppError("PROVIDERS_INVALID", {
      problem: "The local provider plugins speak only to the local cloud.",
      details: ["CLOUDFLARE_BASE_URL and RENDER_HOST must both point at this machine."],
      fix: "Set the variables that `kvshift local up` prints, or set KVSHIFT_PROVIDERS=official.",
    });
  }
  if (wanted !== "auto") {
    throw new AppError("PROVIDERS_INVALID", {
      problem: `KVSHIFT_PROVIDERS is "${wanted}".`,
      fix: "Set it to official, local or auto.",
    });
  }
  return isLocalCloud(env) && !(await areOfficialInstalled(env)) ? "local" : "official";
}

async function areOfficialInstalled(env: Env): Promise<boolean> {
  const home = env["PULUMI_HOME"] ?? join(env["HOME"] ?? homedir(), ".pulumi");
  const installed = await readdir(join(home, "plugins")).catch((): string[] => []);
  return OFFICIAL_PLUGINS.every((name) => installed.includes(name));
}
