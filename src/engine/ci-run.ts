import { z } from "zod";

/** The run of GitHub Actions that a process belongs to. */
export const ciRunSchema = z.object({
  /** `owner/name#id`; the same for every attempt. */
  id: z.string(),
  /** Counts from 1: a run may be started again. */
  attempt: z.int().positive(),
  /** Whether GitHub's own machines run it. */
  isHosted: z.boolean(),
});
export type CiRun = z.infer<typeof ciRunSchema>;

const HOUR_MS = 3_600_000;
/** GitHub ends every job after this time: https://docs.github.com/en/actions/reference/limits */
const LONGEST_HOSTED_MS = 6 * HOUR_MS;
const LONGEST_SELF_HOSTED_MS = 5 * 24 * HOUR_MS;

/** https://docs.github.com/en/actions/reference/workflows-and-actions/variables */
export function ciRunOf(env: Readonly<Record<string, string | undefined>>): CiRun | undefined {
  const { GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id, GITHUB_RUN_ATTEMPT: attempt } = env;
  if (env["GITHUB_ACTIONS"] !== "true" || !repository || !id) return undefined;
  const isHosted = env["RUNNER_ENVIRONMENT"] === "github-hosted";
  const run = { id: `${repository}#${id}`, attempt: Number(attempt ?? 1), isHosted };
  return ciRunSchema.safeParse(run).data;
}

/**
 * Whether a job that was at work at `since` has certainly ended, although its machine cannot be looked at: an earlier
 * attempt of this very run, or older than any job becomes. Times in milliseconds since the epoch.
 */
export function isOver(job: CiRun, since: number, own: CiRun | undefined, now: number): boolean {
  if (own?.id === job.id && own.attempt > job.attempt) return true;
  return now - since > (job.isHosted ? LONGEST_HOSTED_MS : LONGEST_SELF_HOSTED_MS);
}
