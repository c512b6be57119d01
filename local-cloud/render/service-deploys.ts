import type { Clock } from "../../src/core/clock.ts";
import type { RandomBytes } from "../../src/core/random.ts";
import { type Deploy, type DeployStatus, type DeployTrigger, enterStatus, type VariableSnapshot } from "./deploy.ts";
import type { RunningInstance, ServiceLauncher } from "./launcher.ts";
import { badRequest, notFound } from "./problem.ts";
import { renderId } from "./render-id.ts";

/** Called after a deploy has entered a status; the deploy goes on when it resolves. */
export type DeployPace = (change: { serviceId: string; deployId: string; status: DeployStatus }) => Promise<void>;

export interface ServiceDeploysOptions {
  readonly serviceId: string;
  /** Whether a deploy starts a process that keeps running. */
  readonly runsInstance: boolean;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly launcher: ServiceLauncher;
  /** What a new deploy does to a running one: https://render.com/docs/deploys#overlapping-deploys. */
  readonly overlap: "wait" | "override";
  readonly pace: DeployPace;
  /** The variables as they are now; for a rollback those that `rollbackTo` brings back. */
  readonly snapshot: (rollbackTo: VariableSnapshot | undefined) => VariableSnapshot;
}

export interface DeployRequest {
  readonly trigger: DeployTrigger;
  readonly commitId?: string | undefined;
  readonly imageUrl?: string | undefined;
  readonly rollbackTo?: Deploy;
}

/** A deploy on its way, or a restart of the live one, which keeps no record. */
interface Run {
  readonly deploy: Deploy;
  readonly isRestart: boolean;
  readonly abort: AbortController;
}

/** The deploys of one service: one at a time, and of those that wait only the most recent. */
export class ServiceDeploys {
  readonly #options: ServiceDeploysOptions;
  /** Oldest first. */
  readonly #deploys: Deploy[] = [];
  readonly #unsettled = new Set<Promise<void>>();
  #running: Run | undefined;
  #waiting: Run | undefined;
  #live: { readonly deploy: Deploy; readonly instance: RunningInstance | undefined } | undefined;
  #isClosed = false;

  constructor(options: ServiceDeploysOptions) {
    this.#options = options;
  }

  /** Newest first. */
  list(): readonly Deploy[] {
    return this.#deploys.toReversed();
  }

  /** The commit that the live deploy was built from, where it is known. */
  get liveCommit(): string | undefined {
    return this.#live?.deploy.commitId;
  }

  get(id: string): Deploy {
    const deploy = this.#deploys.find((candidate) => candidate.id === id);
    if (deploy === undefined) throw notFound(`deploy ${id}`);
    return deploy;
  }

  /** Creates a deploy. It starts, and takes its variables, at once or when its turn comes. */
  trigger(request: DeployRequest): Deploy {
    const now = this.#options.clock.now();
    const deploy: Deploy = {
      id: renderId("dep", this.#options.random),
      trigger: request.trigger,
      commitId: request.commitId,
      imageUrl: request.imageUrl,
      rollbackTo: request.rollbackTo,
      createdAt: now,
      status: "created",
      updatedAt: now,
      startedAt: undefined,
      finishedAt: undefined,
      variables: undefined,
    };
    this.#deploys.push(deploy);
    this.#schedule({ deploy, isRestart: false, abort: new AbortController() });
    return deploy;
  }

  /** Goes back to a deploy that was live before. */
  rollback(id: string): Deploy {
    const target = this.get(id);
    if (target.status !== "live" && target.status !== "deactivated") throw badRequest(`deploy ${id} was never live`);
    return this.trigger({ trigger: "rollback", rollbackTo: target, commitId: target.commitId });
  }

  /** Starts the live deploy again with the variables that it has. A deploy on its way does the same with newer ones. */
  restart(): void {
    if (!this.#options.runsInstance) throw badRequest("a service of this type cannot be restarted");
    if (this.#live === undefined) throw badRequest("the service has no live deploy");
    if (this.#running !== undefined) return;
    this.#start({ deploy: this.#live.deploy, isRestart: true, abort: new AbortController() });
  }

  cancel(id: string): Deploy {
    const deploy = this.get(id);
    if (this.#waiting?.deploy === deploy) {
      this.#waiting = undefined;
      this.#enter(deploy, "canceled");
    } else if (this.#running?.deploy === deploy && !this.#running.isRestart) {
      this.#abort(this.#running);
      this.#startWaiting();
    } else {
      throw badRequest(`deploy ${id} is not in progress`);
    }
    return deploy;
  }

  /** Cancels what is on its way and ends the live instance. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#waiting !== undefined) this.cancel(this.#waiting.deploy.id);
    if (this.#running !== undefined) this.#abort(this.#running);
    this.#end(this.#live?.instance);
    this.#live = undefined;
    while (this.#unsettled.size > 0) await Promise.all(this.#unsettled);
  }

  #schedule(run: Run): void {
    if (this.#running === undefined) {
      this.#start(run);
      return;
    }
    if (this.#options.overlap === "override" && !this.#running.isRestart) {
      this.#abort(this.#running);
      this.#start(run);
      return;
    }
    if (this.#waiting !== undefined) this.#enter(this.#waiting.deploy, "canceled");
    this.#waiting = run;
    this.#enter(run.deploy, "queued");
  }

  #start(run: Run): void {
    this.#running = run;
    this.#track(this.#execute(run));
  }

  #startWaiting(): void {
    const next = this.#waiting;
    this.#waiting = undefined;
    if (next !== undefined && !this.#isClosed) this.#start(next);
  }

  async #execute(run: Run): Promise<void> {
    if (run.isRestart || (await this.#prepare(run))) await this.#launch(run);
    if (this.#running !== run) return;
    this.#running = undefined;
    this.#startWaiting();
  }

  /** Takes a deploy through its first statuses; false where it was given up on the way. */
  async #prepare({ deploy, abort }: Run): Promise<boolean> {
    if (deploy.status === "created") await this.#pace(deploy);
    if (abort.signal.aborted) return false;
    deploy.variables = this.#options.snapshot(deploy.rollbackTo?.variables);
    for (const status of ["build_in_progress", "update_in_progress"] as const) {
      this.#enter(deploy, status);
      await this.#pace(deploy);
      if (abort.signal.aborted) return false;
    }
    return true;
  }

  async #launch(run: Run): Promise<void> {
    const { signal } = run.abort;
    let instance: RunningInstance | undefined;
    try {
      instance = await this.#startInstance(run);
    } catch {
      // The launcher tells its own operator why; Render's API has no more than the status.
      if (!signal.aborted && !run.isRestart) this.#enter(run.deploy, "update_failed");
      return;
    }
    if (signal.aborted) this.#end(instance);
    else this.#activate(run, instance);
  }

  async #startInstance({ deploy, abort }: Run): Promise<RunningInstance | undefined> {
    if (!this.#options.runsInstance) return undefined;
    const env = deploy.variables?.effective ?? {};
    const { launcher, serviceId } = this.#options;
    return launcher.launch({ serviceId, deployId: deploy.id, env, signal: abort.signal });
  }

  #activate({ deploy }: Run, instance: RunningInstance | undefined): void {
    const previous = this.#live;
    this.#live = { deploy, instance };
    if (previous?.deploy !== deploy) {
      if (previous !== undefined) this.#enter(previous.deploy, "deactivated");
      this.#enter(deploy, "live");
    }
    this.#end(previous?.instance);
  }

  /** Gives up a run: its deploy is over now, its process when the launcher has ended it. */
  #abort(run: Run): void {
    this.#running = undefined;
    if (!run.isRestart) this.#enter(run.deploy, "canceled");
    run.abort.abort();
  }

  #enter(deploy: Deploy, status: DeployStatus): void {
    enterStatus(deploy, status, this.#options.clock.now());
  }

  async #pace({ id, status }: Deploy): Promise<void> {
    await this.#options.pace({ serviceId: this.#options.serviceId, deployId: id, status });
  }

  #end(instance: RunningInstance | undefined): void {
    if (instance !== undefined) this.#track(instance.stop());
  }

  #track(work: Promise<void>): void {
    const settled = work.finally(() => this.#unsettled.delete(settled));
    this.#unsettled.add(settled);
  }
}
