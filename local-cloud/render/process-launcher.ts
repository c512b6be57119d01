import { AppError } from "../../src/core/app-error.ts";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { type RandomBytes, systemRandom } from "../../src/core/random.ts";
import { spawnSupervised } from "../../src/processes/spawn-supervised.ts";
import { freePort, LOOPBACK } from "../http/loopback.ts";
import { systemSleep } from "../system-sleep.ts";
import { givenUp, untilHealthy } from "./health-check.ts";
import type { LaunchRequest, RunningInstance, ServiceLauncher } from "./launcher.ts";
import { PortProxy } from "./port-proxy.ts";
import { randomCharacters } from "./render-id.ts";

interface ServiceCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Answered with 2xx or 3xx by a healthy instance. */
  readonly healthPath: string;
}

export interface ProcessLauncherOptions {
  readonly services: readonly { readonly id: string; readonly name: string }[];
  readonly commandFor: (serviceId: string) => ServiceCommand;
  readonly clock?: Clock;
  readonly random?: RandomBytes;
  /** For health checks. */
  readonly fetch?: typeof fetch;
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** PATH of the processes. Default: the one of this process. */
  readonly path?: string;
  /** Receives each line that an instance writes, and why one did not become healthy. */
  readonly onOutput?: (serviceId: string, line: string) => void;
  /** How long a new instance may take to become healthy. Default 60 s; Render gives it 15 minutes. */
  readonly healthTimeoutMs?: number;
  /** How long open connections may keep a replaced instance. Default 1 s; Render always waits 60 s. */
  readonly drainMs?: number;
  /** Time between SIGTERM and SIGKILL. Default 30 s, as at Render: https://render.com/docs/deploys#zero-downtime-deploys. */
  readonly shutdownDelayMs?: number;
}

export interface ProcessLauncher extends ServiceLauncher {
  /** Public URL of a service: known before its first deploy, and the same after each. */
  urlOf(serviceId: string): string | undefined;
  /** Ends all instances and gives up the public ports. */
  close(): Promise<void>;
}

const INSTANCE_CHARACTERS = 5;
const DEFAULTS = { healthTimeoutMs: 60_000, drainMs: 1000, shutdownDelayMs: 30_000 };

/** Runs services as child processes that cannot outlive this one, each behind a public port of its own. */
export async function createProcessLauncher(options: ProcessLauncherOptions): Promise<ProcessLauncher> {
  const { commandFor, clock = systemClock, random = systemRandom, sleep = systemSleep } = options;
  const waits = {
    healthTimeoutMs: options.healthTimeoutMs ?? DEFAULTS.healthTimeoutMs,
    drainMs: options.drainMs ?? DEFAULTS.drainMs,
    shutdownDelayMs: options.shutdownDelayMs ?? DEFAULTS.shutdownDelayMs,
  };
  const listening = options.services.map(
    async ({ id, name }) => [id, { name, proxy: await PortProxy.listen() }] as const,
  );
  const services = new Map(await Promise.all(listening));
  const reserved = new Set<number>();
  const stops = new Set<() => Promise<void>>();
  const closing = new AbortController();

  function serviceOf(id: string): { name: string; proxy: PortProxy } {
    const service = services.get(id);
    if (service !== undefined) return service;
    throw new AppError("LOCAL_CLOUD_FAILED", {
      problem: `The launcher has no public port for service ${id}.`,
      fix: "Name the service when the launcher is created.",
    });
  }

  function environment(request: LaunchRequest, name: string, port: number): Record<string, string> {
    return {
      ...request.env,
      PATH: options.path ?? process.env["PATH"] ?? "",
      PORT: String(port),
      RENDER: "true",
      RENDER_SERVICE_ID: request.serviceId,
      RENDER_SERVICE_NAME: name,
      RENDER_INSTANCE_ID: `${request.serviceId}-${randomCharacters(random, INSTANCE_CHARACTERS)}`,
    };
  }

  /** A free port that no other instance was promised. */
  async function reservePort(): Promise<number> {
    let port = await freePort();
    while (reserved.has(port)) port = await freePort();
    reserved.add(port);
    return port;
  }

  /** Open connections end by themselves, or when the time is over, or when everything closes. */
  async function drain(proxy: PortProxy, port: number): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, closing.signal]);
    await Promise.race([proxy.idle(port), sleep(waits.drainMs, signal)]);
    over.abort();
  }

  async function launch(request: LaunchRequest): Promise<RunningInstance> {
    const { name, proxy } = serviceOf(request.serviceId);
    const { command, args, cwd, healthPath } = commandFor(request.serviceId);
    const port = await reservePort();
    if (closing.signal.aborted || request.signal.aborted) {
      reserved.delete(port);
      throw givenUp();
    }
    const child = spawnSupervised(command, args, {
      env: environment(request, name, port),
      cwd,
      onOutput: (line) => options.onOutput?.(request.serviceId, line),
    });
    let stopped: Promise<void> | undefined;
    const end = async (): Promise<void> => {
      if (proxy.target === port) proxy.target = undefined;
      else await drain(proxy, port);
      await child.stop(waits.shutdownDelayMs);
      stops.delete(stop);
      reserved.delete(port);
    };
    const stop = (): Promise<void> => (stopped ??= end());
    stops.add(stop);
    const exited = child.exited.then(({ code }) => code);
    try {
      await untilHealthy({
        url: `http://${LOOPBACK}:${String(port)}${healthPath}`,
        exited,
        signal: AbortSignal.any([request.signal, closing.signal]),
        timeoutMs: waits.healthTimeoutMs,
        clock,
        sleep,
        fetch: options.fetch ?? fetch,
      });
    } catch (error) {
      if (error instanceof AppError) options.onOutput?.(request.serviceId, error.problem);
      await stop();
      throw error;
    }
    proxy.target = port;
    return { stop, exited };
  }

  return {
    launch,
    open: async ({ id, name }) => {
      services.set(id, { name, proxy: await PortProxy.listen() });
    },
    urlOf: (serviceId) => services.get(serviceId)?.proxy.url,
    close: async () => {
      closing.abort();
      await Promise.all([...stops].map((stop) => stop()));
      await Promise.all([...services.values()].map(({ proxy }) => proxy.close()));
    },
  };
}
