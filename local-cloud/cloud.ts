import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import type { Clock } from "../src/core/clock.ts";
import { randomHex, type RandomBytes } from "../src/core/random.ts";
import { Secret } from "../src/core/secret.ts";
import { TIME_SCALE_VARIABLE } from "../src/config/time-scale.ts";
import { createCloudflareEmulator, type CloudflareEmulator } from "./cloudflare/emulator.ts";
import type { Quota } from "./http/fixed-windows.ts";
import { listen, type Listening } from "./http/listen.ts";
import { createRenderEmulator, type RenderEmulator } from "./render/emulator.ts";
import { createProcessLauncher, type ProcessLauncher } from "./render/process-launcher.ts";
import type { RateQuotas } from "./render/rate-limits.ts";
import type { Seeds } from "./seeds.ts";
import { systemSleep } from "./system-sleep.ts";
import type { GateCounts } from "./workers/gate.ts";
import { WorkerRuntime } from "./workers/worker-runtime.ts";
import { listenForWorkers } from "./workers/workers-edge.ts";

export interface LocalCloudOptions {
  readonly seeds: Seeds;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** A folder for state and the files of services. */
  readonly folder: string;
  /** Calls that the vendors admit; default: what they publish. */
  readonly rateLimits?: { readonly cloudflare?: Quota; readonly render?: Partial<RateQuotas> };
  /** How many times faster than at the vendors waits pass; default `DEFAULT_TIME_SCALE`. */
  readonly timeScale?: number;
  /** The application that a service runs. */
  readonly applicationOf: (serviceId: string) => LocalApplication;
}

/** A process that listens on `PORT` and answers `GET /healthz` once it is ready. */
export interface LocalApplication {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

/** A minute of the vendors takes a second. */
export const DEFAULT_TIME_SCALE = 60;
/** How long Render leaves a replaced instance its connections: https://render.com/docs/deploys#zero-downtime-deploys */
const DRAIN_MS = 60_000;

/** Cloudflare and Render on 127.0.0.1, with everything that a client needs to reach them. */
export interface LocalCloud extends AsyncDisposable {
  readonly cloudflare: CloudflareEmulator & { readonly url: string };
  readonly render: RenderEmulator & { readonly url: string };
  /** Where Workers answer, each below its name. */
  readonly workers: { readonly url: string; readonly counts: () => GateCounts };
  readonly accounts: Seeds["accounts"];
  readonly services: Seeds["services"];
  /** Public URL of a service, by id. */
  readonly urlOf: (serviceId: string) => string | undefined;
  /** The variables that point the official providers and every command of kvshift here. Holds secrets. */
  readonly env: Readonly<Record<string, string>>;
}

export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const { seeds, clock, random, folder, applicationOf, rateLimits, timeScale = DEFAULT_TIME_SCALE } = options;
  const launcher: ProcessLauncher = await createProcessLauncher({
    services: seeds.services.map(({ id, name }) => ({ id, name })),
    commandFor: (serviceId) => ({ ...applicationOf(serviceId), healthPath: "/healthz" }),
    clock,
    drainMs: DRAIN_MS / timeScale,
  });
  const workers = new WorkerRuntime({ clock, folder: join(folder, "workers"), sleep: systemSleep });
  const cloudflare = createCloudflareEmulator({
    clock,
    random,
    accounts: seeds.accounts,
    sourceAddress: seeds.sourceAddress,
    workerHost: workers,
    ...(rateLimits?.cloudflare === undefined ? {} : { rateLimit: rateLimits.cloudflare }),
  });
  const render = createRenderEmulator({
    clock,
    random,
    owners: seeds.owners,
    services: seeds.services,
    projects: seeds.projects,
    environments: seeds.environments,
    launcher,
    ...(rateLimits?.render === undefined ? {} : { rateLimits: rateLimits.render }),
  });
  const { sourceAddress, workerIdOf } = cloudflare;
  const sockets: Listening[] = await Promise.all([
    listen(cloudflare.fetch),
    listen(render.fetch),
    listenForWorkers({ runtime: workers, workerIdOf, sourceAddress, random }),
  ]);
  const [cloudflareUrl = "", renderUrl = "", workersUrl = ""] = sockets.map(({ url }) => url);
  const state = join(folder, "state");
  await mkdir(state, { recursive: true });
  const passphrase = new Secret(randomHex(random, 32));
  return {
    cloudflare: { ...cloudflare, url: `${cloudflareUrl}/client/v4` },
    render: { ...render, url: `${renderUrl}/v1` },
    workers: { url: workersUrl, counts: () => workers.counts },
    accounts: seeds.accounts,
    services: seeds.services,
    urlOf: (serviceId) => launcher.urlOf(serviceId),
    env: {
      CLOUDFLARE_BASE_URL: `${cloudflareUrl}/client/v4`,
      CLOUDFLARE_API_TOKEN: cloudflare.userToken.reveal(),
      RENDER_HOST: `${renderUrl}/v1`,
      RENDER_API_KEY: render.apiKey.reveal(),
      KVSHIFT_LOCAL_WORKERS_URL: workersUrl,
      [TIME_SCALE_VARIABLE]: String(timeScale),
      // With several workspaces each environment's file names its own.
      ...(seeds.owners.length === 1 && seeds.owners[0] ? { RENDER_OWNER_ID: seeds.owners[0].id } : {}),
      PULUMI_BACKEND_URL: pathToFileURL(state).href,
      PULUMI_CONFIG_PASSPHRASE: passphrase.reveal(),
    },
    [Symbol.asyncDispose]: async () => {
      await render.close();
      await launcher.close();
      await Promise.all(sockets.map((socket) => socket.close()));
      await workers[Symbol.asyncDispose]();
    },
  };
}
