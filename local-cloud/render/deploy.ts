import type { Variable } from "./variables.ts";

export type DeployStatus =
  | "created"
  | "queued"
  | "build_in_progress"
  | "update_in_progress"
  | "live"
  | "deactivated"
  | "update_failed"
  | "canceled";

export type DeployTrigger = "api" | "new_commit" | "other" | "rollback";

/** The variables of a deploy, as they were when it started. */
export interface VariableSnapshot {
  /** Variables of the service itself: what a rollback brings back. */
  readonly ofService: readonly Variable[];
  /** The groups that were applied: a rollback applies the same ones, with the values of that time. */
  readonly groupIds: readonly string[];
  readonly effective: Readonly<Record<string, string>>;
}

export interface Deploy {
  readonly id: string;
  readonly trigger: DeployTrigger;
  readonly commitId: string | undefined;
  readonly imageUrl: string | undefined;
  /** The deploy that this one goes back to. */
  readonly rollbackTo: Deploy | undefined;
  /** Milliseconds since the epoch, as are the other times. */
  readonly createdAt: number;
  status: DeployStatus;
  updatedAt: number;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  /** Set when the deploy starts. */
  variables: VariableSnapshot | undefined;
}

const STARTED: ReadonlySet<DeployStatus> = new Set(["build_in_progress"]);
const FINISHED: ReadonlySet<DeployStatus> = new Set(["live", "update_failed", "canceled"]);

/** Moves a deploy on at `now` (milliseconds). `finishedAt` stays when a live deploy is deactivated later. */
export function enterStatus(deploy: Deploy, status: DeployStatus, now: number): void {
  deploy.status = status;
  deploy.updatedAt = now;
  if (STARTED.has(status)) deploy.startedAt = now;
  if (FINISHED.has(status)) deploy.finishedAt = now;
}

function time(name: string, at: number | undefined): Record<string, string> {
  return at === undefined ? {} : { [name]: new Date(at).toISOString() };
}

export function deployView(deploy: Deploy): Record<string, unknown> {
  return {
    id: deploy.id,
    ...(deploy.commitId === undefined ? {} : { commit: { id: deploy.commitId } }),
    ...(deploy.imageUrl === undefined ? {} : { image: { ref: deploy.imageUrl } }),
    status: deploy.status,
    trigger: deploy.trigger,
    ...time("createdAt", deploy.createdAt),
    ...time("updatedAt", deploy.updatedAt),
    ...time("startedAt", deploy.startedAt),
    ...time("finishedAt", deploy.finishedAt),
  };
}
