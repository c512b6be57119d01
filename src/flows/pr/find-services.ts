import { AppError } from "../../core/app-error.ts";
import { pause, type RunContext } from "../../core/run-context.ts";
import type { Render, RenderService } from "../../vendors/render.ts";

/** A service that Render made for a pull request. */
export interface PreviewService {
  readonly id: string;
  readonly name: string;
  /** Id of the service that it is a preview of. */
  readonly parent: string;
  readonly url: string | undefined;
}

export interface WantedServices {
  readonly ownerId: string;
  /** Ids of the services whose previews are wanted: one of each. */
  readonly parents: readonly string[];
  readonly branch: string | undefined;
  /** Ids of the previews, where a person names them. */
  readonly named: readonly string[];
  /** How long to wait until Render has made them, in milliseconds. */
  readonly waitMs: number;
}

const POLL_MS = 5000;
const STEP = "Wait for Render to make the preview service";

/**
 * The preview of each parent: Render's API has no number of a pull request, so that it is found by parent and branch,
 * and has to be the only one.
 * https://api-docs.render.com/reference/list-services
 *
 * @throws AppError PREVIEW_SERVICE_UNCLEAR
 */
export async function findServices(
  render: Pick<Render, "services">,
  wanted: WantedServices,
  { clock, emit, signal }: Pick<RunContext, "clock" | "emit" | "signal">,
  pollMs: number = POLL_MS,
): Promise<readonly PreviewService[]> {
  const end = clock.now() + wanted.waitMs;
  for (let isFirst = true; ; isFirst = false) {
    const { found, problems, isMissing } = chooseServices(await render.services(wanted.ownerId), wanted);
    if (problems.length === 0) {
      if (!isFirst) emit({ type: "step-finished", step: STEP });
      return found;
    }
    if (!isMissing || clock.now() >= end) throw unclear(problems);
    if (isFirst) emit({ type: "step-started", step: STEP, note: problems.join("; ") });
    await pause(pollMs, signal);
  }
}

/** Which services are meant, and what is in the way. `isMissing`: waiting may help. Pure. */
export function chooseServices(
  services: readonly RenderService[],
  { parents, branch, named }: Omit<WantedServices, "ownerId" | "waitMs">,
): { readonly found: readonly PreviewService[]; readonly problems: readonly string[]; readonly isMissing: boolean } {
  const previews = services.flatMap((service) => {
    const parent = service.serviceDetails?.parentServer?.id;
    return parent !== undefined && parents.includes(parent)
      ? [{ id: service.id, name: service.name, parent, url: service.serviceDetails?.url, branch: service.branch }]
      : [];
  });
  const isMeant = (one: (typeof previews)[number]): boolean =>
    named.length > 0 ? named.includes(one.id) : one.branch === branch;
  const how = named.length > 0 ? "among those that --service names" : `of the branch ${String(branch)}`;
  const strangers = named.filter((id) => !previews.some((preview) => preview.id === id));
  const chosen = parents.map((parent) => ({
    parent,
    meant: previews.filter((preview) => preview.parent === parent && isMeant(preview)),
  }));
  const problems = [
    ...strangers.map((id) => `${id} is no preview of a service of the template`),
    ...chosen.flatMap(({ parent, meant }) =>
      meant.length === 1
        ? []
        : [
            meant.length === 0
              ? `${parent} has no preview ${how}`
              : `${parent} has ${String(meant.length)} previews ${how}: ${meant.map(({ id }) => id).join(", ")}`,
          ],
    ),
  ];
  const found = chosen.flatMap(({ meant }) => meant).map(({ id, name, parent, url }) => ({ id, name, parent, url }));
  const isMissing = strangers.length === 0 && chosen.every(({ meant }) => meant.length < 2);
  return { found, problems, isMissing };
}

function unclear(details: readonly string[]): AppError {
  return new AppError("PREVIEW_SERVICE_UNCLEAR", {
    problem: "Each service of the template needs exactly one preview service of this pull request.",
    details,
    fix: "Name the preview with --service, or wait for it with --wait-for-service 10m. Render makes previews where they are switched on: https://render.com/docs/service-previews",
    retryable: true,
  });
}
