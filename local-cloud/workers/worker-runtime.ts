import { rm } from "node:fs/promises";
import { join } from "node:path";

import type { Clock } from "../../src/core/clock.ts";
import type { ServedVersion, WorkerHost } from "../cloudflare/worker-host.ts";
import { Gate, type GateCounts } from "./gate.ts";
import { type RunningVersion, startVersion } from "./running-version.ts";

export interface WorkerRuntimeOptions {
  readonly clock: Clock;
  /** For the data of Durable Objects. */
  readonly folder: string;
  /** Ends early where `signal` says so. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** How long requests may keep a replaced version. */
  readonly drainMs?: number;
  /** Receives what Workers write to their log. */
  readonly onLog?: (workerId: string, line: string) => void;
  readonly start?: typeof startVersion;
}

interface Place {
  readonly gate: Gate;
  running: RunningVersion | undefined;
  /** Exchanges of one Worker come one after the other. */
  exchanges: Promise<unknown>;
}

const DRAIN_MS = 10_000;

/**
 * The versions that Workers serve, each in a workerd of its own. At Cloudflare an exchange loses no connection; here the
 * runtime has to be started anew, so requests that come meanwhile wait at the Worker's gate.
 */
export class WorkerRuntime implements WorkerHost, AsyncDisposable {
  readonly #options: WorkerRuntimeOptions;
  readonly #places = new Map<string, Place>();

  constructor(options: WorkerRuntimeOptions) {
    this.#options = options;
  }

  async serve(version: ServedVersion): Promise<void> {
    const { workerId } = version;
    let place = this.#places.get(workerId);
    if (place === undefined) {
      place = { gate: new Gate(), running: undefined, exchanges: Promise.resolve() };
      this.#places.set(workerId, place);
    }
    await this.#afterExchanges(place, async () => this.#exchange(place, version));
  }

  async remove(workerId: string): Promise<void> {
    const place = this.#places.get(workerId);
    if (place === undefined) return;
    this.#places.delete(workerId);
    await this.#afterExchanges(place, async () => this.#stop(place));
    await rm(this.#folderOf(workerId), { recursive: true, force: true });
    place.gate.open();
  }

  /** What serves a Worker, once no exchange is under way; call `leave` at the end of the request. Throws `TooManyHeld`. */
  async enter(workerId: string): Promise<{ readonly running: RunningVersion; readonly leave: () => void } | undefined> {
    const place = this.#places.get(workerId);
    if (place === undefined) return undefined;
    const leave = await place.gate.enter();
    if (place.running !== undefined) return { running: place.running, leave };
    leave();
    return undefined;
  }

  /** Over all Workers that serve. */
  get counts(): GateCounts {
    const counts = [...this.#places.values()].map(({ gate }) => gate.counts);
    return {
      held: counts.reduce((sum, { held }) => sum + held, 0),
      served: counts.reduce((sum, { served }) => sum + served, 0),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const places = [...this.#places.values()];
    this.#places.clear();
    await Promise.all(places.map((place) => this.#afterExchanges(place, async () => this.#stop(place))));
    for (const { gate } of places) gate.open();
  }

  async #exchange(place: Place, version: ServedVersion): Promise<void> {
    const before = place.running?.version;
    await this.#stop(place);
    try {
      place.running = await this.#start(version);
    } catch (error) {
      if (before !== undefined) place.running = await this.#start(before);
      throw error;
    } finally {
      place.gate.open();
    }
  }

  /** Leaves the gate closed. */
  async #stop(place: Place): Promise<void> {
    const isOver = new AbortController();
    await Promise.race([place.gate.close(), this.#options.sleep(this.#options.drainMs ?? DRAIN_MS, isOver.signal)]);
    isOver.abort();
    const { running } = place;
    place.running = undefined;
    await running?.stop();
  }

  async #start(version: ServedVersion): Promise<RunningVersion> {
    const { clock, onLog, start = startVersion } = this.#options;
    const { workerId } = version;
    return start(version, {
      clock,
      folder: this.#folderOf(workerId),
      onLog: (line) => onLog?.(workerId, line),
    });
  }

  #folderOf(workerId: string): string {
    return join(this.#options.folder, workerId);
  }

  async #afterExchanges<T>(place: Place, work: () => Promise<T>): Promise<T> {
    const done = place.exchanges.then(work);
    place.exchanges = done.catch(() => undefined);
    return done;
  }
}
