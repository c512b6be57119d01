import { z } from "zod";

import type { EnvironmentConfig } from "../../config/schema.ts";
import { broken, type Check, passed, skipped, type Ask, TRY_AGAIN } from "./check.ts";

export const KEY = "Render key";
export const WORKSPACE = "Render workspace";
export const SERVICES = "Render services";
export const RENDER_CHECKS: readonly string[] = [KEY, WORKSPACE, SERVICES];

const ownerSchema = z.object({ name: z.string() });
const serviceSchema = z.object({ name: z.string(), ownerId: z.string() });

const NEW_KEY = "Make a key in Render's dashboard (Account Settings, API Keys) and export it as RENDER_API_KEY.";

/** Whether the key opens the workspace and each service of the environment. Reads only. */
export async function checkRender(ask: Ask, render: EnvironmentConfig["render"]): Promise<Check[]> {
  const { ownerId, services } = render;
  const { status, json, summary } = await ask(`/owners/${encodeURIComponent(ownerId)}`);
  const rest = (why: string): Check[] => [skipped(WORKSPACE, why), skipped(SERVICES, why)];
  if (status === 401) return [broken(KEY, "Render refuses it", NEW_KEY), ...rest(`${KEY} has to be mended first`)];
  if (status !== 200 && status !== 403 && status !== 404)
    return [broken(KEY, summary, TRY_AGAIN), ...rest("Render could not be asked")];
  const name = ownerSchema.safeParse(json).data?.name ?? "";
  const fix = "Correct kvshift:render.ownerId (it is in the address bar of the dashboard), or join the workspace.";
  const workspace =
    status === 200
      ? passed(WORKSPACE, `${ownerId} ${name}`.trimEnd())
      : broken(
          WORKSPACE,
          `${ownerId} ${status === 404 ? "does not exist for this key" : "is closed to this key"}`,
          fix,
        );
  return [
    passed(KEY, "accepted"),
    workspace,
    ...(await Promise.all(services.map((id) => checkService(ask, id, ownerId)))),
  ];
}

async function checkService(ask: Ask, id: string, ownerId: string): Promise<Check> {
  const check = `Render service ${id}`;
  const { status, json, summary } = await ask(`/services/${encodeURIComponent(id)}`);
  const fix = "Correct the id in kvshift:render.services: it is in the address bar of the dashboard.";
  if (status === 401) return broken(check, "Render refuses the key", NEW_KEY);
  if (status === 403 || status === 404) return broken(check, "does not exist for this key", fix);
  if (status !== 200) return broken(check, summary, TRY_AGAIN);
  const service = serviceSchema.safeParse(json).data;
  if (service !== undefined && service.ownerId !== ownerId)
    return broken(check, `belongs to another workspace (${service.ownerId})`, fix);
  return passed(check, service?.name ?? "exists");
}
