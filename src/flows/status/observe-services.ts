import pMap from "p-map";

import { READS_AT_ONCE } from "../../vendors/endpoints.ts";
import type { Render, RenderDeploy } from "../../vendors/render.ts";

/** A deploy that was live: `deactivated` was replaced by a later one. */
export const SUCCEEDED: readonly string[] = ["live", "deactivated"];

export interface ObservedService {
  readonly id: string;
  /** Absent where the workspace has no such service. */
  readonly name: string | undefined;
  readonly suspended: boolean;
  /** Newest first; the last one that succeeded is among them, if there ever was one. */
  readonly deploys: readonly RenderDeploy[];
}

type ServiceReads = Pick<Render, "services" | "deploys">;

/** The services of an environment with their deploys, in the order of its file. */
export async function observeServices(
  render: ServiceReads,
  ownerId: string,
  ids: readonly string[],
): Promise<ObservedService[]> {
  const known = new Map((await render.services(ownerId)).map((service) => [service.id, service]));
  return pMap(
    ids,
    async (id) => {
      const service = known.get(id);
      return {
        id,
        name: service?.name,
        suspended: service?.suspended === "suspended",
        deploys: service === undefined ? [] : await deploysWithSuccess(render, id),
      };
    },
    READS_AT_ONCE,
  );
}

async function deploysWithSuccess(render: ServiceReads, id: string): Promise<readonly RenderDeploy[]> {
  const newest = await render.deploys(id);
  const hasSuccess = newest.some(({ status }) => SUCCEEDED.includes(status ?? ""));
  return hasSuccess ? newest : [...newest, ...(await render.deploys(id, SUCCEEDED))];
}
