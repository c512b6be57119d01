import { AppError } from "../core/app-error.ts";
import { isLoopback } from "./formats.ts";

/** How many times faster than at the vendors waits pass on the local cloud. */
export const TIME_SCALE_VARIABLE = "KVSHIFT_TIME_SCALE";
export const MAX_TIME_SCALE = 10_000;

/**
 * `KVSHIFT_TIME_SCALE`, or 1 where it is not set. Every wait of a flow is divided by it, so that what takes an hour at
 * the vendors takes a minute on the local cloud; beside real vendors it is refused.
 *
 * @throws AppError LOCAL_CLOUD_ONLY
 */
export function timeScale(env: Readonly<Record<string, string | undefined>>): number {
  const written = env[TIME_SCALE_VARIABLE];
  if (written === undefined || written === "") return 1;
  const scale = Number(written);
  const isLocal = isLoopback(env["CLOUDFLARE_BASE_URL"]) && isLoopback(env["RENDER_HOST"]);
  if (isLocal && scale >= 1 && scale <= MAX_TIME_SCALE) return scale;
  throw new AppError("LOCAL_CLOUD_ONLY", {
    problem: isLocal
      ? `${TIME_SCALE_VARIABLE} is no number from 1 to ${String(MAX_TIME_SCALE)}.`
      : `${TIME_SCALE_VARIABLE} is only for the local cloud.`,
    details: isLocal ? [] : ["CLOUDFLARE_BASE_URL and RENDER_HOST must both point at this machine."],
    fix: `Unset ${TIME_SCALE_VARIABLE}, or set all variables that \`kvshift local up\` prints.`,
  });
}
