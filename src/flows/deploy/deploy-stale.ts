import pMap from "p-map";

import { AppError } from "../../core/app-error.ts";
import { READS_AT_ONCE } from "../../vendors/endpoints.ts";
import type { ServiceState, ServiceStatus } from "../status/judge-service.ts";
import {
  type DeployOptions,
  type DeployPace,
  startDeploy,
  type StartedDeploy,
  waitUntilLive,
} from "./deploy-service.ts";

export interface DeployStaleOptions extends Omit<DeployOptions, "render" | "pace"> {
  readonly vendors: { readonly render: DeployOptions["render"] };
  /** As they were judged after the variables changed. */
  readonly services: readonly ServiceStatus[];
  readonly pace?: DeployPace;
}

/** A service that was deployed, by this run or by another one that this run waited for. */
export interface DeployedService {
  readonly id: string;
  readonly name: string;
  readonly deployId: string;
  /** Whether this run started a deploy; otherwise one was under way. */
  readonly triggered: boolean;
}

export interface DeployReport {
  readonly deployed: readonly DeployedService[];
  /** Names of services that ran with the current variables already. */
  readonly current: readonly string[];
  /** Names of services that were left out, because they are suspended. */
  readonly suspended: readonly string[];
}

/** 3 s × 1.2 up to 15 s, as the vendor's own client: terraform-provider-render, WaitForService. */
export const DEFAULT_PACE: DeployPace = { firstMs: 3_000, factor: 1.2, longestMs: 15_000, limitMs: 20 * 60_000 };

/** All services together are read 300 times a minute at most, of the 400 that Render admits. */
const MIN_MS_BETWEEN_READS = 200;
const TO_DEPLOY: ReadonlySet<ServiceState> = new Set(["stale", "never deployed", "failed", "deploying"]);
const STEP = "Deploy";

/**
 * Deploys every service that does not run with the current variables, side by side, and waits until each is live. The
 * last successful build is deployed: `deploy_only`, so that no new code goes out with a credential. A service whose
 * deploy with these variables is under way already is waited for only, so that a run that broke off can be repeated.
 *
 * @throws AppError DEPLOY_FAILED with one line for each service that did not get there, after all others have ended
 * @throws AppError CLOSED_BY_SIGNAL after an interrupt; what was started goes on at Render
 * @see https://api-docs.render.com/reference/create-deploy
 */
export async function deployStale(options: DeployStaleOptions): Promise<DeployReport> {
  const { vendors, services, emit, signal } = options;
  const named = (state: ServiceState): string[] =>
    services.filter((service) => service.state === state).map(({ id, name }) => name ?? id);
  const suspended = named("suspended");
  for (const name of suspended) {
    emit({
      type: "warning",
      text: `${name} is suspended and is not deployed. Resuming it in Render's dashboard does.`,
    });
  }
  const chosen = services.filter(({ state }) => TO_DEPLOY.has(state));
  const pace = paceFor(chosen.length, options.pace ?? DEFAULT_PACE);
  const deployOptions = { ...options, render: vendors.render, pace };
  if (chosen.length > 0) emit({ type: "step-started", step: STEP, note: `${String(chosen.length)} service(s)` });
  const started = await pMap(
    chosen,
    (service) => attempt(service, options, () => startDeploy(service, deployOptions)),
    READS_AT_ONCE,
  );
  const finished = await Promise.all(
    started.flatMap(({ service, result }) =>
      result === undefined ? [] : [attempt(service, options, () => finish(service, result, deployOptions))],
    ),
  );
  if (signal.aborted) throw interrupted();
  const deployed = finished.flatMap(({ result }) => result ?? []);
  const failures = [
    ...[...started, ...finished].flatMap(({ failure }) => failure ?? []),
    ...named("missing").map(missing),
  ];
  const report = { deployed, current: named("current"), suspended };
  if (failures.length > 0) throw failed(failures, report);
  if (chosen.length > 0) emit({ type: "step-finished", step: STEP, note: `${String(deployed.length)} live` });
  return report;
}

async function finish(
  service: ServiceStatus,
  started: StartedDeploy,
  options: DeployOptions,
): Promise<DeployedService> {
  const { id, name = id } = service;
  const deploy = await waitUntilLive(service, started, options);
  return { id, name, deployId: deploy.id, triggered: started.triggered };
}

interface Attempted<Result> {
  readonly service: ServiceStatus;
  readonly result?: Result;
  /** One line, for people. */
  readonly failure?: string;
}

/** One service that fails keeps no other from being deployed. */
async function attempt<Result>(
  service: ServiceStatus,
  { emit, signal }: Pick<DeployStaleOptions, "emit" | "signal">,
  run: () => Promise<Result>,
): Promise<Attempted<Result>> {
  const { id, name = id } = service;
  try {
    return { service, result: await run() };
  } catch (error) {
    if (signal.aborted) return { service };
    if (!(error instanceof AppError)) throw error;
    emit({ type: "warning", text: `${name}: ${error.problem}` });
    return { service, failure: `${name} (${id}): ${[error.problem, ...error.details].join(" ")} ${error.fix}` };
  }
}

function paceFor(services: number, pace: DeployPace): DeployPace {
  const shortest = services * MIN_MS_BETWEEN_READS;
  return { ...pace, firstMs: Math.max(pace.firstMs, shortest), longestMs: Math.max(pace.longestMs, shortest) };
}

function missing(name: string): string {
  return `${name}: the workspace has no such service. Correct kvshift:render.services of the environment's file.`;
}

function failed(failures: readonly string[], { deployed, current, suspended }: DeployReport): AppError {
  return new AppError("DEPLOY_FAILED", {
    problem: `${String(failures.length)} service(s) do not run with the current variables.`,
    details: failures,
    fix: "Mend what the lines name and run the same command again: services that are live are left alone.",
    retryable: true,
    data: { deployed, current, suspended },
  });
}

function interrupted(): AppError {
  return new AppError("CLOSED_BY_SIGNAL", {
    problem: "The run was interrupted; deploys that it started go on at Render.",
    fix: "Run the same command again: it waits for them and starts no second one.",
    retryable: true,
  });
}
