import { z } from "zod";

/** A run that wrote the state. Times are RFC 3339 to the second, by the clock of the machine that ran it. */
export interface Run {
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
    kind: z.string(),
    result: z.string(),
    startTime: z.string(),
    endTime: z.string().optional(),
    resourceChanges: z.record(z.string(), z.number()).nullish(),
  }),
);

/** The runs of a history, newest first. */
export function readRuns(history: unknown): Run[] {
  return historySchema.parse(history).map(({ kind, result, startTime, endTime, resourceChanges }) => ({
    kind,
    result,
    startedAt: startTime,
    ...(endTime === undefined ? {} : { endedAt: endTime }),
    changed: Object.entries(resourceChanges ?? {}).some(([operation, count]) => operation !== "same" && count > 0),
  }));
}
