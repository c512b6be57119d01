import { pause, type RunContext } from "../../core/run-context.ts";
import type { Session } from "../../engine/session.ts";
import { readProvisioned } from "../../state/provisioned.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { OpenEnvironment } from "../environment/open-environment.ts";
import { judgeService } from "../status/judge-service.ts";
import { observeServices } from "../status/observe-services.ts";
import { type DeployReport, deployStale } from "./deploy-stale.ts";

/** The part of an open environment that is used. */
interface DeployableEnvironment {
  readonly session: Pick<Session, "exportState" | "recentRuns">;
  readonly config: Pick<OpenEnvironment["config"], "render">;
}

/** What `up --deploy` does after the update: every service of the environment that is not current gets deployed. */
export async function deployEnvironment(
  { session, config }: DeployableEnvironment,
  vendors: Pick<Vendors, "render">,
  { clock, emit, signal }: Pick<RunContext, "clock" | "emit" | "signal">,
): Promise<DeployReport> {
  const [state, runs] = await Promise.all([session.exportState(), session.recentRuns()]);
  const { variablesChangedAt } = readProvisioned(state, runs);
  const { ownerId, services } = config.render;
  const observed = await observeServices(vendors.render, ownerId, services);
  return deployStale({
    vendors,
    services: observed.map((service) => judgeService(service, variablesChangedAt)),
    clock,
    sleep: pause,
    emit,
    signal,
  });
}
