import type { RenderDeploy } from "../../vendors/render.ts";
import { type ObservedService, SUCCEEDED } from "./observe-services.ts";
import type { Problem } from "./problem.ts";

export type ServiceState = "current" | "stale" | "deploying" | "failed" | "never deployed" | "suspended" | "missing";

export interface ServiceStatus {
  readonly id: string;
  readonly name: string | undefined;
  readonly state: ServiceState;
  /** The newest deploy of any kind. */
  readonly lastDeploy?: RenderDeploy;
  /** The commit of the deploy that runs; absent where Render tells none. */
  readonly commit?: string;
  /** Evidence: when the deploy that runs was created, by Render's clock. */
  readonly deployedAt?: string;
  /** Evidence: when the state last recorded a change of the variables, by the clock of the machine that ran it. */
  readonly variablesChangedAt?: string;
}

const FAILED = new Set(["build_failed", "update_failed", "pre_deploy_failed"]);
/** Neither ran nor runs. */
const CANCELED = "canceled";

/**
 * Whether a service runs with the current variables. A change of a group over the API deploys nothing, so a service is
 * current when a deploy that succeeded was created after the last change of the group or its links.
 *
 * This is evidence, not proof: Render does not say which variables a process holds. The two times come from two
 * clocks, so a deploy within their difference of a change may be judged wrongly. A rollback keeps today's values of a
 * group, but the set of groups of the deploy that it goes back to: https://render.com/docs/rollbacks
 *
 * @param variablesChangedAt milliseconds since the epoch; absent where the environment has no variables yet
 */
export function judgeService(service: ObservedService, variablesChangedAt: number | undefined): ServiceStatus {
  const [lastDeploy] = service.deploys;
  const running = runningDeploy(service.deploys);
  return {
    id: service.id,
    name: service.name,
    state: stateOf(service, running, variablesChangedAt),
    ...(lastDeploy === undefined ? {} : { lastDeploy }),
    ...(running?.commit?.id === undefined ? {} : { commit: running.commit.id }),
    ...(running?.createdAt === undefined ? {} : { deployedAt: running.createdAt }),
    ...(variablesChangedAt === undefined ? {} : { variablesChangedAt: new Date(variablesChangedAt).toISOString() }),
  };
}

/** Whether a deploy was created after `time` (milliseconds since the epoch). One without a date proves nothing. */
export function isAfter({ createdAt }: RenderDeploy, time: number): boolean {
  return Date.parse(createdAt ?? "") > time;
}

/** Whether a deploy has ended, and how; `undefined` while it is under way. */
export function outcomeOf({ status = "" }: RenderDeploy): "succeeded" | "failed" | "canceled" | undefined {
  if (SUCCEEDED.includes(status)) return "succeeded";
  if (status === CANCELED) return "canceled";
  return FAILED.has(status) ? "failed" : undefined;
}

function runningDeploy(deploys: readonly RenderDeploy[]): RenderDeploy | undefined {
  return deploys.find(({ status }) => status === "live") ?? deploys.find((deploy) => outcomeOf(deploy) === "succeeded");
}

function stateOf(
  { name, suspended, deploys }: ObservedService,
  running: RenderDeploy | undefined,
  variablesChangedAt = -Infinity,
): ServiceState {
  if (name === undefined) return "missing";
  if (suspended) return "suspended";
  const counted = deploys.filter((deploy) => outcomeOf(deploy) !== "canceled");
  if (counted.length === 0) return "never deployed";
  if (running !== undefined && isAfter(running, variablesChangedAt)) return "current";
  const newer = counted.filter((deploy) => isAfter(deploy, variablesChangedAt));
  if (newer.some((deploy) => outcomeOf(deploy) === undefined)) return "deploying";
  if (newer.some((deploy) => outcomeOf(deploy) === "failed")) return "failed";
  return running === undefined && counted.every((deploy) => outcomeOf(deploy) === "failed") ? "failed" : "stale";
}

/** What is wrong with services; one that is suspended or being deployed is as somebody wants it. */
export function serviceProblems(environment: string, services: readonly ServiceStatus[]): Problem[] {
  const deploy = `kvshift up --stack ${environment} --deploy`;
  const namesOf = (state: ServiceStatus["state"]): string =>
    services
      .filter((service) => service.state === state)
      .map(({ name, id }) => name ?? id)
      .join(", ");
  const stale = namesOf("stale");
  const never = namesOf("never deployed");
  const missing = namesOf("missing");
  return [
    ...(stale === ""
      ? []
      : [{ what: `Running with old variables: ${stale}.`, fix: `${deploy}, or deploy each in Render's dashboard.` }]),
    ...(never === ""
      ? []
      : [{ what: `Never deployed: ${never}.`, fix: `${deploy}, or deploy each in Render's dashboard.` }]),
    ...services.flatMap((service) => failureOf(deploy, service) ?? []),
    ...(missing === ""
      ? []
      : [
          {
            what: `Not in the workspace: ${missing}.`,
            fix: `Correct kvshift:render.services of Pulumi.${environment}.yaml, then kvshift up --stack ${environment}.`,
          },
        ]),
  ];
}

function failureOf(deploy: string, { name, id, state, lastDeploy }: ServiceStatus): Problem | undefined {
  const which = `${name ?? id}, ${lastDeploy?.id ?? "unknown"}`;
  if (state === "failed") {
    const fix = `Read its log in Render's dashboard and mend what it names; then ${deploy}.`;
    return { what: `The deploy with the new variables failed (${which}: ${lastDeploy?.status ?? "unknown"}).`, fix };
  }
  if (state !== "current" || lastDeploy?.status !== "live" || lastDeploy.trigger !== "rollback") return undefined;
  const fix = "If that deploy is from before the service was linked to the group, deploy a newer one.";
  return { what: `A rollback is live (${which}): it applies the groups of the deploy that it went back to.`, fix };
}
