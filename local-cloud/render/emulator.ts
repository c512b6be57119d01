import { STATUS_CODES } from "node:http";
import { setTimeout } from "node:timers/promises";

import { Hono } from "hono";

import type { Clock } from "../../src/core/clock.ts";
import type { RandomBytes } from "../../src/core/random.ts";
import { Secret } from "../../src/core/secret.ts";
import { createEdge, type Sleep } from "../http/edge.ts";
import { type CallFault, FaultPlan } from "../http/faults.ts";
import { RequestLog } from "../http/request-log.ts";
import { blueprintRoutes } from "./blueprint-routes.ts";
import { Blueprints, type BlueprintSeed } from "./blueprints.ts";
import { DeployRegistry } from "./deploy-registry.ts";
import { deployRoutes } from "./deploy-routes.ts";
import type { RenderBindings } from "./emulator-bindings.ts";
import { envGroupRoutes } from "./env-group-routes.ts";
import { EnvGroups } from "./env-groups.ts";
import { environmentRoutes, projectRoutes } from "./environment-routes.ts";
import { Environments, type EnvironmentSeed, type ProjectSeed } from "./environments.ts";
import type { ServiceLauncher } from "./launcher.ts";
import { notFound, RenderProblem } from "./problem.ts";
import { DEFAULT_QUOTAS, RateLimits, type RateQuotas } from "./rate-limits.ts";
import { randomCharacters } from "./render-id.ts";
import { createRequestGate, RATE_LIMITED } from "./request-gate.ts";
import type { DeployPace } from "./service-deploys.ts";
import { type PreviewSeed, ServiceDirectory, type ServiceSeed } from "./service-directory.ts";
import { ownerRoutes, serviceRoutes } from "./service-routes.ts";
import type { Owner } from "./service.ts";

export interface RenderEmulatorOptions {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Workspaces. */
  readonly owners: readonly Owner[];
  readonly services: readonly ServiceSeed[];
  readonly projects?: readonly ProjectSeed[];
  /** Environments of projects. */
  readonly environments?: readonly EnvironmentSeed[];
  readonly blueprints?: readonly BlueprintSeed[];
  readonly launcher: ServiceLauncher;
  /** Calls of the key; default: what Render allows. */
  readonly rateLimits?: Partial<RateQuotas>;
  /** For faults that delay a call. Default: real time. */
  readonly sleep?: Sleep;
  /** What Render's documents leave open, and what its workspaces can choose. */
  readonly deploy?: {
    /** The answer to a deploy that starts at once: 201 with the deploy (default), or 202 without a body. */
    readonly answer?: 201 | 202;
    /** Whether a new deploy waits for the running one (default) or cancels it. */
    readonly overlap?: "wait" | "override";
    /** Whether a change of a group deploys its services, as the Dashboard does. Default false. */
    readonly onGroupChange?: boolean;
    /** Holds a deploy in the status that it has just entered. Default: not at all. */
    readonly pace?: DeployPace;
  };
}

export interface RenderEmulator {
  /** Answers one request to `/v1/…`. */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly apiKey: Secret;
  readonly requestLog: RequestLog;
  /** What is to go wrong from now on. Paths begin with `/v1`. */
  readonly faults: FaultPlan<CallFault>;
  /** Puts others in place of all Blueprints. */
  setBlueprints(blueprints: readonly BlueprintSeed[]): void;
  /**
   * What Render does when a pull request of a service with previews is opened: the preview has what its parent has now,
   * links to groups too, and is deployed. https://render.com/docs/service-previews
   */
  openPreview(seed: PreviewSeed): Promise<void>;
  /** What Render does when the pull request is closed: the service is gone, with its links. */
  closePreview(serviceId: string): Promise<void>;
  /** What a deploy of the service would run with if it started now. */
  effectiveEnv(serviceId: string): Record<string, string>;
  /** Cancels deploys and ends all instances. Later requests are answered with 503. */
  close(): Promise<void>;
}

const BASE_PATH = "/v1";
const KEY_CHARACTERS = 32;

/** Render's API in this process, as far as kvshift and the official provider call it: https://api-docs.render.com. */
export function createRenderEmulator(options: RenderEmulatorOptions): RenderEmulator {
  const { clock, random } = options;
  const apiKey = new Secret(`rnd_${randomCharacters(random, KEY_CHARACTERS)}`);
  const requestLog = new RequestLog();
  const faults = new FaultPlan<CallFault>();
  const directory = new ServiceDirectory(options.owners, options.services, clock.now());
  const groups = new EnvGroups({
    clock,
    random,
    onChange: (services) => {
      if (options.deploy?.onGroupChange === true)
        for (const { id } of services) registry.of(id).trigger({ trigger: "other" });
    },
  });
  const environments = new Environments({
    projects: options.projects ?? [],
    environments: options.environments ?? [],
    directory,
    groups,
    now: clock.now(),
  });
  const blueprints = new Blueprints(options.blueprints ?? [], directory, groups);
  const registry = new DeployRegistry({
    clock,
    random,
    directory,
    groups,
    launcher: options.launcher,
    overlap: options.deploy?.overlap ?? "wait",
    pace: options.deploy?.pace ?? (() => Promise.resolve()),
  });
  let isClosed = false;

  const app = new Hono<RenderBindings>()
    .basePath(BASE_PATH)
    .route("/owners", ownerRoutes(directory))
    .route("/services", serviceRoutes({ directory, random, urlOf: (id) => options.launcher.urlOf?.(id) }))
    .route("/services", deployRoutes({ deploysOf: (id) => registry.of(id), answer: options.deploy?.answer ?? 201 }))
    .route("/env-groups", envGroupRoutes({ groups, directory, environments, random }))
    .route("/environments", environmentRoutes({ environments, directory, groups }))
    .route("/projects", projectRoutes(environments, directory))
    .route("/blueprints", blueprintRoutes(blueprints));
  app.notFound(() => {
    throw notFound("path");
  });
  app.onError((error, c) => {
    // Anything else is a bug of the emulator and must not pass for an answer of Render.
    if (!(error instanceof RenderProblem)) throw error;
    return c.json({ message: error.message }, error.status);
  });

  const answer = createRequestGate({
    apiKey,
    random,
    rateLimits: new RateLimits(clock, { ...DEFAULT_QUOTAS, ...options.rateLimits }, (id) => directory.has(id)),
    isClosed: () => isClosed,
    route: (request, body) => app.fetch(request, { body }),
  });

  return {
    apiKey,
    requestLog,
    faults,
    setBlueprints: (seeds) => {
      blueprints.replace(seeds);
    },
    openPreview: async (seed) => {
      const preview = directory.addPreview(seed, clock.now());
      for (const { id } of groups.linkedTo(seed.parentId)) groups.link(id, preview);
      await options.launcher.open?.(preview);
      registry.add(preview);
      registry.of(preview.id).trigger({ trigger: "new_commit" });
    },
    closePreview: async (serviceId) => {
      const preview = directory.service(serviceId);
      for (const { id } of groups.linkedTo(serviceId)) groups.unlink(id, preview);
      await registry.remove(serviceId);
      directory.remove(serviceId);
    },
    effectiveEnv: (serviceId) => registry.effectiveEnv(serviceId),
    fetch: createEdge({
      vendor: "render",
      faults,
      requestLog,
      sleep: options.sleep ?? setTimeout,
      answer,
      errorBody: (status) => ({ message: status === 429 ? RATE_LIMITED : (STATUS_CODES[status] ?? "error") }),
    }),
    close: async () => {
      isClosed = true;
      await registry.close();
    },
  };
}
