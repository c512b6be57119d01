import { AppError } from "../../core/app-error.ts";
import type { Clock } from "../../core/clock.ts";
import type { Emit } from "../../core/events.ts";
import type { Render, RenderDeploy } from "../../vendors/render.ts";
import { isAfter, outcomeOf, type ServiceStatus } from "../status/judge-service.ts";

/** How often a deploy is looked at, and for how long. */
export interface DeployPace {
  readonly firstMs: number;
  /** Each pause is this many times the one before. */
  readonly factor: number;
  readonly longestMs: number;
  readonly limitMs: number;
}

export interface DeployOptions {
  readonly render: Pick<Render, "deploys" | "deploy">;
  readonly clock: Clock;
  /** Rejects when `signal` is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly pace: DeployPace;
}

/** A deploy that is under way. Render may have named none, so it is known by what it is not. */
export interface StartedDeploy {
  /** Whether this run asked for it. */
  readonly triggered: boolean;
  /** Whether a deploy of the service has the current variables. */
  readonly counts: (deploy: RenderDeploy) => boolean;
}

/**
 * Starts a deploy, unless one with the current variables is under way. New ones are told by their ids, not by their
 * dates: Render's clock and ours may differ.
 *
 * @throws AppError VENDOR_FAILED where Render refused
 */
export async function startDeploy(service: ServiceStatus, { render }: DeployOptions): Promise<StartedDeploy> {
  const { id, state, variablesChangedAt = "" } = service;
  if (state === "deploying") {
    const time = Date.parse(variablesChangedAt);
    return { triggered: false, counts: (deploy) => Number.isNaN(time) || isAfter(deploy, time) };
  }
  const known = new Set((await render.deploys(id)).map((deploy) => deploy.id));
  const counts = (deploy: RenderDeploy): boolean => !known.has(deploy.id);
  try {
    await render.deploy(id);
  } catch (error) {
    // Where only the answer was lost, the deploy is under way: a second one would be in its way.
    const isStarted = error instanceof AppError && error.retryable && (await render.deploys(id)).some(counts);
    if (!isStarted) throw error;
  }
  return { triggered: true, counts };
}

/**
 * Waits for the deploy, or for a newer one in its place: Render cancels or skips one for the next.
 * https://render.com/docs/deploys#overlapping-deploys
 *
 * @throws AppError DEPLOY_FAILED where the newest one failed or was canceled, or the time is up
 * @throws AppError VENDOR_FAILED where Render refused to be asked, or did not answer until the time was up
 */
export async function waitUntilLive(
  { id, name = id }: ServiceStatus,
  { counts }: StartedDeploy,
  { render, clock, sleep, emit, signal, pace }: DeployOptions,
): Promise<RenderDeploy> {
  const end = clock.now() + pace.limitMs;
  const show = showChanges(name, emit);
  for (let pause = pace.firstMs; ; pause = Math.min(pause * pace.factor, pace.longestMs)) {
    const seen = await look(render, id, counts);
    if (seen.live !== undefined) {
      show(`live (${seen.live.id})`);
      return seen.live;
    }
    show(seen.note);
    if (clock.now() + pause > end) throw seen.lost ?? timeUp(seen.note, pace.limitMs);
    await sleep(pause, signal);
  }
}

interface Seen {
  readonly live?: RenderDeploy;
  readonly note: string;
  /** Why Render could not be asked. */
  readonly lost?: AppError;
}

async function look(render: DeployOptions["render"], id: string, counts: StartedDeploy["counts"]): Promise<Seen> {
  let deploys: readonly RenderDeploy[];
  try {
    deploys = (await render.deploys(id)).filter((deploy) => counts(deploy));
  } catch (error) {
    // The deploy goes on at Render while nobody looks.
    if (error instanceof AppError && error.retryable) return { note: "Render does not answer", lost: error };
    throw error;
  }
  const live = deploys.find((deploy) => outcomeOf(deploy) === "succeeded");
  if (live !== undefined) return { live, note: "live" };
  const underWay = deploys.find((deploy) => outcomeOf(deploy) === undefined);
  if (underWay !== undefined) return { note: `${underWay.status ?? "under way"} (${underWay.id})` };
  const [newest] = deploys;
  if (newest !== undefined) throw ended(newest);
  return { note: "not listed yet" };
}

/** Says what is new, not at every look. */
function showChanges(name: string, emit: Emit): (note: string) => void {
  let shown = "";
  return (note) => {
    if (note !== shown) emit({ type: "step-progress", step: `Deploy ${name}`, note });
    shown = note;
  };
}

const FIXES: Readonly<Record<string, string>> = {
  build_failed: "Read its build log in Render's dashboard and mend the build.",
  pre_deploy_failed: "Read the log of its pre-deploy command in Render's dashboard.",
  update_failed: "Read its log in Render's dashboard: the new instance did not start or did not become healthy.",
  canceled: "Somebody or Render canceled it, and nothing newer is under way.",
};

function ended({ id, status = "unknown" }: RenderDeploy): AppError {
  return new AppError("DEPLOY_FAILED", {
    problem: `The deploy ${id} ended as ${status}.`,
    fix: FIXES[status] ?? "Read its log in Render's dashboard.",
    retryable: true,
  });
}

function timeUp(note: string, limitMs: number): AppError {
  return new AppError("DEPLOY_FAILED", {
    problem: `No deploy is live after ${String(Math.round(limitMs / 60_000))} minutes: ${note}.`,
    fix: "See in Render's dashboard what it waits for.",
    retryable: true,
  });
}
