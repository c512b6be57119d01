import { pause, type RunContext } from "../../core/run-context.ts";
import { timeScale } from "../../config/time-scale.ts";
import type { Session } from "../../engine/session.ts";
import { readProvisioned } from "../../state/provisioned.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { OpenEnvironment } from "../environment/open-environment.ts";
import { judgeService, serviceProblems, type ServiceStatus } from "../status/judge-service.ts";
import { observeServices } from "../status/observe-services.ts";
import type { DeployPace } from "./deploy-service.ts";
import { DEFAULT_PACE, type DeployReport, deployStale } from "./deploy-stale.ts";

/** The part of an open environment that is used. */
interface DeployableEnvironment {
  readonly session: Pick<Session, "exportState" | "recentRuns">;
  readonly config: Pick<OpenEnvironment["config"], "render">;
}

/** What `up --deploy` does after the update: every service of the environment that is not current gets deployed. */
export async function deployEnvironment(
  { session, config }: DeployableEnvironment,
  vendors: Pick<Vendors, "render">,
  { env, clock, emit, signal }: Pick<RunContext, "env" | "clock" | "emit" | "signal">,
): Promise<DeployReport> {
  return deployStale({
    vendors,
    services: await judgedServices({ session, config }, vendors),
    clock,
    sleep: pause,
    emit,
    signal,
    pace: paceOf(timeScale(env)),
  });
}

/** Says after an update which services do not run with the current variables: a change of a group deploys nothing. */
export async function warnOfStaleServices(
  environment: DeployableEnvironment & Pick<OpenEnvironment, "name">,
  vendors: Pick<Vendors, "render">,
  { emit }: Pick<RunContext, "emit">,
): Promise<void> {
  for (const { what, fix } of serviceProblems(environment.name, await judgedServices(environment, vendors))) {
    emit({ type: "warning", text: `${what} ${fix}` });
  }
}

/** Services by whether they run with the environment's current variables. `ids`: absent: the environment's own. */
export async function judgedServices(
  { session, config }: DeployableEnvironment,
  { render }: Pick<Vendors, "render">,
  ids: readonly string[] = config.render.services,
): Promise<ServiceStatus[]> {
  const [state, runs] = await Promise.all([session.exportState(), session.recentRuns()]);
  const { variablesChangedAt } = readProvisioned(state, runs);
  const observed = await observeServices(render, config.render.ownerId, ids);
  return observed.map((service) => judgeService(service, variablesChangedAt));
}

/** On the local cloud deploys are as much faster as its other waits, and no process starts in less than this. */
const SHORTEST_MS = 200;

function paceOf(scale: number): DeployPace {
  const { firstMs, longestMs } = DEFAULT_PACE;
  const scaled = (ms: number) => (scale === 1 ? ms : Math.max(SHORTEST_MS, ms / scale));
  return { ...DEFAULT_PACE, firstMs: scaled(firstMs), longestMs: scaled(longestMs) };
}
