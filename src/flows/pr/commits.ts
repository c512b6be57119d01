import { AppError } from "../../core/app-error.ts";
import type { Emit } from "../../core/events.ts";
import type { Wait } from "../environment/wait.ts";
import { outcomeOf, type ServiceStatus } from "../status/judge-service.ts";
import type { Problem } from "../status/problem.ts";

type Running = Pick<ServiceStatus, "id" | "name" | "commit" | "lastDeploy">;

/** Render begins to build a push soon after it. */
const BEGUN_WITHIN_MS = 60_000;
/** Longer than most builds take, and well within the time of a job of the workflow. */
const BUILT_WITHIN_MS = 15 * 60_000;
const LOOK_MS = 5000;
const STEP = "Wait for Render to build the commit";

/** Whether two names of commits, each whole or its beginning, may be of the same one. */
function isSame(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

/** The services that run another commit than `sha`. Of what Render tells no commit nothing is known. Pure. */
function strays<Service extends Running>(services: readonly Service[], sha: string): Service[] {
  return services.filter(({ commit }) => commit !== undefined && !isSame(commit, sha));
}

/** What is to be said of services that run another commit than their request is at. Pure. */
export function commitProblems(services: readonly Running[], sha: string): Problem[] {
  return strays(services, sha).map(({ id, name = id, commit = "", lastDeploy }) => {
    const isBuilt = lastDeploy?.commit?.id !== undefined && isSame(lastDeploy.commit.id, sha);
    const newest = isBuilt ? `; the deploy of that commit (${lastDeploy.id}) is ${lastDeploy.status ?? "unknown"}` : "";
    return {
      what: `${name}: the live deploy is of commit ${commit}, the request is at ${sha}${newest}.`,
      fix: "Render builds each push by itself where auto-deploy is on; see its log in Render's dashboard.",
    };
  });
}

/**
 * Waits until every service runs `sha`. kvshift deploys what is built already, with its commit: the build of a push is
 * Render's own. Ends early where nothing is under way, or where the deploy of that commit has failed.
 *
 * @throws AppError PREVIEW_NOT_READY naming each service that runs another commit
 */
export async function requireCommit<Service extends Running>(
  stack: string,
  sha: string,
  look: () => Promise<readonly Service[]>,
  wait: Wait,
  emit: Emit,
): Promise<readonly Service[]> {
  const isThere = (seen: readonly Service[]): boolean => strays(seen, sha).length === 0;
  const isUnderWay = ({ lastDeploy }: Service): boolean =>
    lastDeploy !== undefined && outcomeOf(lastDeploy) === undefined;
  const hasFailed = ({ lastDeploy }: Service): boolean =>
    lastDeploy?.commit?.id !== undefined && isSame(lastDeploy.commit.id, sha) && outcomeOf(lastDeploy) === "failed";
  const first = await look();
  if (isThere(first)) return first;
  emit({
    type: "step-started",
    step: STEP,
    note: strays(first, sha)
      .map(({ id, name = id }) => name)
      .join(", "),
  });
  const hasBegun = (seen: readonly Service[]): boolean =>
    isThere(seen) || strays(seen, sha).every((one) => isUnderWay(one) || hasFailed(one));
  await wait.until(look, hasBegun, BEGUN_WITHIN_MS, LOOK_MS);
  const hasEnded = (seen: readonly Service[]): boolean => isThere(seen) || !strays(seen, sha).some(isUnderWay);
  const last = await wait.until(look, hasEnded, BUILT_WITHIN_MS, LOOK_MS);
  const problems = commitProblems(last, sha);
  if (problems.length === 0) {
    emit({ type: "step-finished", step: STEP });
    return last;
  }
  throw new AppError("PREVIEW_NOT_READY", {
    problem: `${stack} is up, but its service does not run the commit of the request.`,
    details: problems.map(({ what, fix }) => `${what} ${fix}`),
    fix: "Run `kvshift pr up` again once Render has built the commit; a newer push does it too.",
    retryable: true,
  });
}
