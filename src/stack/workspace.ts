import type { EnvironmentConfig } from "../config/schema.ts";
import { AppError } from "../core/app-error.ts";

/**
 * Refuses an environment whose `RENDER_OWNER_ID` names another workspace than its file: Render's provider takes the
 * workspace from there, and would create the group in the wrong one.
 */
export function requireWorkspace(
  env: Readonly<Record<string, string | undefined>>,
  config: Pick<EnvironmentConfig, "render">,
): void {
  const named = env["RENDER_OWNER_ID"];
  if (named === undefined || named === config.render.ownerId) return;
  throw new AppError("WORKSPACE_DIFFERS", {
    problem: "RENDER_OWNER_ID names another workspace than the environment's file.",
    details: [`RENDER_OWNER_ID: ${named}`, `kvshift:render.ownerId: ${config.render.ownerId}`],
    fix: "Unset RENDER_OWNER_ID (kvshift takes the workspace from the file), or correct one of the two.",
  });
}
