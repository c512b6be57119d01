import { Hono } from "hono";

import type { Clock } from "../../core/clock.ts";
import type { RandomBytes } from "../../core/random.ts";
import { Secret } from "../../core/secret.ts";
import { RequestLog } from "../http/request-log.ts";

import { carriesKey } from "./bearer-auth.ts";
import { deployRoutes } from "./deploy-routes.ts";
import type { RenderBindings } from "./emulator-bindings.ts";
import { envGroupRoutes } from "./env-group-routes.ts";
import { EnvGroups } from "./env-groups.ts";
import type { ServiceLauncher } from "./launcher.ts";
import { notFound, RenderProblem } from "./problem.ts";
import { RateLimitHeaders } from "./rate-limit-headers.ts";
import { randomCharacters } from "./render-id.ts";
import { readJsonBody } from "./request-body.ts";
import { DeployDesk } from "./deploy-desk.ts";
import type { DeployPace } from "./service-deploys.ts";
import { ServiceDirectory, type ServiceSeed } from "./service-directory.ts";
import { ownerRoutes, serviceRoutes } from "./service-routes.ts";
import type { Owner } from "./service.ts";

export interface RenderEmulatorOptions {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Workspaces. */
  readonly owners: readonly Owner[];
  readonly services: readonly ServiceSeed[];
  readonly launcher: ServiceLauncher;
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
  /** What a deploy of the service would run with if it started now. */
  effectiveEnv(serviceId: string): Record<string, string>;
  /** Cancels deploys and ends all instances. Later requests are answered with 503. */
  close(): Promise<void>;
}

const BASE_PATH = "/v1";
const KEY_CHARACTERS = 32;
const REQUEST_ID_CHARACTERS = 20;
const DEPLOY_PATH = /^\/v1\/services\/([^/]+)\/deploys$/;

/** Render's API in this process, as far as kvshift and the official provider call it: https://api-docs.render.com. */
export function createRenderEmulator(options: RenderEmulatorOptions): RenderEmulator {
  const { clock, random } = options;
  const apiKey = new Secret(`rnd_${randomCharacters(random, KEY_CHARACTERS)}`);
  const requestLog = new RequestLog();
  const rateLimits = new RateLimitHeaders(clock);
  const directory = new ServiceDirectory(options.owners, options.services, clock.now());
  const groups = new EnvGroups({
    clock,
    random,
    onChange: (services) => {
      if (options.deploy?.onGroupChange === true)
        for (const { id } of services) desk.of(id).trigger({ trigger: "other" });
    },
  });
  const desk = new DeployDesk({
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
    .route("/services", deployRoutes({ deploysOf: (id) => desk.of(id), answer: options.deploy?.answer ?? 201 }))
    .route("/env-groups", envGroupRoutes({ groups, directory, random }));
  app.notFound(() => {
    throw notFound("path");
  });
  app.onError((error, c) => {
    // Anything else is a bug of the emulator and must not pass for an answer of Render.
    if (!(error instanceof RenderProblem)) throw error;
    return c.json({ message: error.message }, error.status);
  });

  async function readAuthorized(request: Request): Promise<unknown> {
    if (isClosed) throw new RenderProblem(503, "service unavailable");
    if (!carriesKey(request.headers.get("authorization"), apiKey)) throw new RenderProblem(401, "Unauthorized");
    return readJsonBody(request);
  }

  async function answer(request: Request): Promise<{ body: unknown; response: Response }> {
    try {
      const body = await readAuthorized(request);
      return { body, response: await app.fetch(request, { body }) };
    } catch (error) {
      if (!(error instanceof RenderProblem)) throw error;
      return { body: undefined, response: Response.json({ message: error.message }, { status: error.status }) };
    }
  }

  return {
    apiKey,
    requestLog,
    effectiveEnv: (serviceId) => desk.effectiveEnv(serviceId),
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const { body, response } = await answer(request);
      const deployed = request.method === "POST" ? DEPLOY_PATH.exec(pathname)?.[1] : undefined;
      const isKnown = deployed !== undefined && directory.has(deployed);
      const headers = {
        "content-type": "application/json; charset=utf-8",
        "render-request-id": randomCharacters(random, REQUEST_ID_CHARACTERS),
        ...rateLimits.count(request.method, isKnown ? deployed : undefined),
      };
      for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
      const text = await response.clone().text();
      const answered: unknown = text === "" ? null : JSON.parse(text);
      requestLog.add({
        vendor: "render",
        method: request.method,
        path: pathname + search,
        request: body ?? null,
        status: response.status,
        response: answered,
      });
      return response;
    },
    close: async () => {
      isClosed = true;
      await desk.close();
    },
  };
}
