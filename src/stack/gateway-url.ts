import { isLoopback } from "../config/formats.ts";
import type { EnvironmentConfig } from "../config/schema.ts";
import { AppError } from "../core/app-error.ts";
import { gatewayWorkerName } from "../core/names.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Where the local cloud serves Workers, each below its name. */
const LOCAL_WORKERS = "KVSHIFT_LOCAL_WORKERS_URL";

/**
 * Where the gateway answers, without a slash at the end. `localWorkersUrl`: where the local cloud serves Workers.
 * https://developers.cloudflare.com/workers/configuration/routing/
 */
export function gatewayUrl(
  environment: string,
  { app, cloudflare }: Pick<EnvironmentConfig, "app" | "cloudflare">,
  localWorkersUrl: string | undefined,
): string {
  const name = gatewayWorkerName(app, environment);
  const { hostname, workersSubdomain } = cloudflare;
  if (localWorkersUrl !== undefined) return `${localWorkersUrl}/${name}`;
  if (hostname !== undefined) return `https://${hostname}`;
  // The schema refuses a gateway without either.
  if (workersSubdomain === undefined) throw new Error("the gateway has no address");
  return `https://${name}.${workersSubdomain}.workers.dev`;
}

/**
 * `KVSHIFT_LOCAL_WORKERS_URL` without a slash at the end, where it is set. Refused beside a Cloudflare that is not on
 * this machine: real services would be sent to an address that is this machine's alone.
 */
export function localWorkersUrl(env: Env): string | undefined {
  const url = env[LOCAL_WORKERS];
  if (url === undefined || url === "") return undefined;
  if (isLoopback(url) && isLoopback(env["CLOUDFLARE_BASE_URL"])) return url.replace(/\/+$/, "");
  throw new AppError("LOCAL_WORKERS_REFUSED", {
    problem: `${LOCAL_WORKERS} is only for the local cloud.`,
    details: [`${LOCAL_WORKERS} and CLOUDFLARE_BASE_URL must both point at this machine.`],
    fix: `Unset ${LOCAL_WORKERS}, or set all variables that \`kvshift local up\` prints.`,
  });
}
