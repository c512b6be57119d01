import type { LaunchRequest, RunningInstance, ServiceLauncher } from "../../../../local-cloud/render/launcher.ts";

export interface RecordedLaunch {
  readonly request: LaunchRequest;
  /** How often its instance was stopped. */
  stops: number;
  /** Makes the instance healthy. */
  readonly succeed: () => void;
  /** Ends the instance before it is healthy. */
  readonly fail: () => void;
}

/** Starts no process. Instances are healthy at once, or when a test says so. */
export class RecordingLauncher implements ServiceLauncher {
  readonly launches: RecordedLaunch[] = [];
  /** Whether instances wait for the test. */
  holds = false;
  /** Whether a cancelled instance fails by itself. */
  minds = true;

  launch(request: LaunchRequest): Promise<RunningInstance> {
    const { promise, resolve, reject } = Promise.withResolvers<RunningInstance>();
    const launch: RecordedLaunch = {
      request,
      stops: 0,
      succeed: () => {
        resolve({ stop: () => this.#stop(launch), exited: new Promise(() => undefined) });
      },
      fail: () => {
        reject(new Error("never healthy"));
      },
    };
    request.signal.addEventListener("abort", () => {
      if (this.minds) launch.fail();
    });
    this.launches.push(launch);
    if (!this.holds) launch.succeed();
    return promise;
  }

  /** The launch at `index`, counted from the end where negative. */
  at(index: number): RecordedLaunch {
    const launch = this.launches.at(index);
    if (launch === undefined) throw new Error(`There was no launch ${String(index)}.`);
    return launch;
  }

  #stop(launch: RecordedLaunch): Promise<void> {
    launch.stops += 1;
    return Promise.resolve();
  }
}
