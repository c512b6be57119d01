import { RESOURCE_TYPES } from "../stack/types.ts";
import type { Deployment } from "./deployment.ts";
import type { Run } from "./runs.ts";
import { type RecordedOutputs, readStackOutputs } from "./stack-outputs.ts";

/** Resources whose change is a change of the variables that a service gets. */
const VARIABLE_TYPES: ReadonlySet<string> = new Set([RESOURCE_TYPES.group, RESOURCE_TYPES.groupLink]);

/** What the state says of an environment beside its objects and slots. */
export interface Provisioned {
  /** Of the last run that ended well; absent before the first one. */
  readonly outputs: RecordedOutputs | undefined;
  /**
   * When the variables of the group or its links last changed, in milliseconds since the epoch, by the clock of the
   * machine that ran the engine; absent where neither exists. The engine stamps a resource after its vendor has
   * answered, so that a deploy that was created later has seen the whole change. One stamp stands for all services: a
   * service that is linked makes every other one look changed too, which costs a deploy and no more.
   */
  readonly variablesChangedAt: number | undefined;
}

/**
 * Reads a recorded state. `runs`: newest first. Render's own `updatedAt` of a group is no evidence: a changed variable
 * leaves it alone.
 */
export function readProvisioned(state: Deployment, runs: readonly Run[]): Provisioned {
  const stamps = state.resources
    .filter(({ type, isReplaced }) => VARIABLE_TYPES.has(type) && !isReplaced)
    .flatMap(({ modifiedAt }) => modifiedAt ?? []);
  return {
    outputs: readStackOutputs(state),
    variablesChangedAt: stamps.length > 0 ? Math.max(...stamps.map((stamp) => changeBehind(stamp, runs))) : undefined,
  };
}

/**
 * The time of the change behind a stamp. The first refresh after a change stamps the group again although it finds
 * nothing changed, because secrets come back in another wrapping: then the last run before it that changed something
 * counts.
 */
function changeBehind(stamp: number, runs: readonly Run[]): number {
  const index = runs.findIndex((run) => isWithin(stamp, run));
  const run = runs[index];
  if (run?.kind !== "refresh" || run.changed) return stamp;
  const change = runs.slice(index + 1).find(({ changed }) => changed);
  return change?.endedAt === undefined ? stamp : Math.min(stamp, Date.parse(change.endedAt));
}

const SECOND_MS = 1000;

/** Runs begin and end with whole seconds, rounded down. */
function isWithin(stamp: number, { startedAt, endedAt = startedAt }: Run): boolean {
  return stamp >= Date.parse(startedAt) && stamp < Date.parse(endedAt) + SECOND_MS;
}
