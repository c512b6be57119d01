import { z } from "zod";

/** A run that wrote the state. Times are RFC 3339 to the second, by the clock of the machine that ran it. */
export interface Run {
  /** As Pulumi Cloud counts the runs of a stack; other backends do not count, and tell a run by its start. */
  readonly number?: number;
  /** `update`, `refresh`, `destroy`, `import`. */
  readonly kind: string;
  /** `succeeded`, `failed` or `in-progress`. */
  readonly result: string;
  readonly startedAt: string;
  /** Absent while it is under way. */
  readonly endedAt?: string;
  /** Whether any resource was changed, or was found changed. */
  readonly changed: boolean;
}

// `pulumi stack history --json`; each entry also holds the whole configuration, which is left out here.
const historySchema = z.array(
  z.object({
    version: z.number().optional(),
    kind: z.string(),
    result: z.string(),
    startTime: z.string(),
    endTime: z.string().optional(),
    resourceChanges: z.record(z.string(), z.number()).nullish(),
  }),
);

/** By what a run of the engine is found in its history; nothing where there is none. */
export function runName(run: Run | undefined): { readonly engineRun?: Pick<Run, "number" | "startedAt"> } {
  if (run === undefined) return {};
  const { number, startedAt } = run;
  return { engineRun: { ...(number === undefined ? {} : { number }), startedAt } };
}

/** The runs of a history, newest first. */
export function readRuns(history: unknown): Run[] {
  return historySchema.parse(history).map(({ version = 0, kind, result, startTime, endTime, resourceChanges }) => ({
    ...(version === 0 ? {} : { number: version }),
    kind,
    result,
    startedAt: startTime,
    ...(endTime === undefined ? {} : { endedAt: endTime }),
    changed: Object.entries(resourceChanges ?? {}).some(([operation, count]) => operation !== "same" && count > 0),
  }));
}
